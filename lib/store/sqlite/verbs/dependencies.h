#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// A job with dependencies.
struct Dependent {
    JobId job_id;
    std::int64_t seq = 0;
    std::string owner;
};

/// What a new job waits for; a job in both lists has to be done.
struct Dependencies {
    const std::vector<JobId>& done;
    const std::vector<JobId>& ended;

    bool empty() const { return done.empty() && ended.empty(); }
};

/// Makes a new job depend on others; cancels it immediately if one that has to be done has ended
/// otherwise. A deleted job counts as its tombstone says. Throws not_found for a job that is not
/// known or belongs to another owner.
void link_dependencies(
    Connection& connection, const Dependent& dependent, const Dependencies& dependencies, Time now);

/// Marks the dependencies on a job that has ended as met: all of them if it is `done`, otherwise
/// those on any end.
void meet_dependencies(Connection& connection, const JobId& ended, bool done);

/// Handles the end of a job as `status`: releases the jobs that depend on it, or cancels those that
/// need it to be done and, in turn, their dependents.
void resolve_dependents(Connection& connection, const JobId& ended, Status status, Time now);

/// Checks the dependencies of a job that is about to be retried; returns how many of them it waits
/// for: those that are active now, even if they were met before. Throws refused if one that was
/// never met ended other than as done.
int recheck_dependencies(Connection& connection, const JobState& state);

}  // namespace atlasjob::sqlite
