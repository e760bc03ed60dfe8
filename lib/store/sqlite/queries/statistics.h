#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

/// Store::statistics, on the caller's snapshot. Reads at most 10,000 ended jobs per owner and
/// status from the index that prune uses, and finds due jobs with one probe per queue, account and
/// priority.
Statistics read_statistics(Connection& connection, const Principal& principal, Time now);

}  // namespace atlasjob::sqlite
