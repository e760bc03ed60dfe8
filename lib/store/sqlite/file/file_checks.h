#pragma once

#include "ledger/maintenance_store.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// check_files of store/open.h for the ledger at this path.
std::vector<Finding> check_files(const std::string& ledger);

}  // namespace atlasjob::sqlite
