#pragma once

#include "store/sqlite/connection.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// How the ledger's tables, indexes and triggers differ from those that its migrations make, a few
/// words each: "trigger jobs_birth_is_told is missing".
std::vector<std::string> schema_drift(Connection& connection);

}  // namespace atlasjob::sqlite
