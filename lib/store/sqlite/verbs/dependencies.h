#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// A job with dependencies.
struct Dependent {
    JobId job_id;
    std::int64_t seq = 0;
    std::string owner;
};

/// Makes a new job depend on `after`; cancels it immediately if one of these has ended other than
/// as done. Throws not_found for a job that does not exist or belongs to another owner.
void link_dependencies(
    Connection& connection, const Dependent& dependent, const std::vector<JobId>& after, Time now);

/// Marks the dependencies on `done` as met.
void meet_dependencies(Connection& connection, const JobId& done);

/// Handles the end of a job as `status`: releases the jobs that depend on it, or cancels them and,
/// in turn, their dependents.
void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now);

/// Checks the dependencies of a job that is about to be retried; returns how many of them have not
/// ended. Throws refused if one of them ended other than as done.
int recheck_dependencies(Connection& connection, const JobState& state);

}  // namespace atlasjob::sqlite
