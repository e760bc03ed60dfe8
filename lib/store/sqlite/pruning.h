#pragma once

#include "store/sqlite/rows.h"

namespace atlasjob::sqlite {

// Store::prune, forget, count_prunable and drop_tombstones within the caller's transaction.

std::vector<PrunedJob> prune_jobs(
    Connection& connection, const Retention& retention, int limit, Time now);
PrunedJob forget_job(Connection& connection, const JobId& id, Time now);
std::int64_t count_prunable(Connection& connection, const Retention& retention, Time now);
int drop_tombstones(Connection& connection, int limit, Time now);

}  // namespace atlasjob::sqlite
