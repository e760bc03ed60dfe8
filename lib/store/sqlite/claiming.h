#pragma once

#include "store/sqlite/attempts.h"

namespace atlasjob::sqlite {

/// Store::claim within the caller's write transaction.
std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now);

/// Store::next_due.
std::optional<Time> next_due(Connection& connection);

/// Store::count_runnable.
std::int64_t count_runnable(Connection& connection);

}  // namespace atlasjob::sqlite
