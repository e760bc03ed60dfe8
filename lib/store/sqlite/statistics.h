#pragma once

#include "ledger/store.h"
#include "store/sqlite/query.h"

namespace atlasjob::sqlite {

/// Store::statistics on the caller's snapshot.
Statistics read_statistics(Connection& connection, const Principal& principal, Time now);

}  // namespace atlasjob::sqlite
