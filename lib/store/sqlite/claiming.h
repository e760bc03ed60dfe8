#pragma once

#include "store/sqlite/attempts.h"

namespace atlasjob::sqlite {

/// Store::claim within the caller's write transaction.
std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now);

/// Store::next_due.
std::optional<Time> next_due(Connection& connection, const std::optional<AccountId>& account);

/// Store::count_runnable.
std::int64_t count_runnable(Connection& connection, const std::optional<AccountId>& account);

/// Store::runnable_jobs.
std::vector<RunnableJobs> runnable_jobs(Connection& connection);

}  // namespace atlasjob::sqlite
