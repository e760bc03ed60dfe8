#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

/// Store::statistics on the caller's snapshot.
Statistics read_statistics(Connection& connection, const Principal& principal, Time now);

}  // namespace atlasjob::sqlite
