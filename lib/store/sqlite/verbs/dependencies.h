#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// A job that waits for others.
struct Dependent {
    JobId job_id;
    std::int64_t seq = 0;
    std::string owner;
};

/// Makes a newly recorded job wait for `after`; cancels it at once when one of them has already
/// ended otherwise than done. Throws not_found for a job that is not there or not the owner's.
void link_dependencies(
    Connection& connection, const Dependent& dependent, const std::vector<JobId>& after, Time now);

/// A job has ended as `status`: those that waited for it may start, or are cancelled, and so on
/// down the chain.
void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now);

/// Looks again at what a job to be retried waits for; returns how many of them are still open.
/// Throws refused when one of them ended otherwise than done.
int recheck_dependencies(Connection& connection, const JobState& state);

}  // namespace atlasjob::sqlite
