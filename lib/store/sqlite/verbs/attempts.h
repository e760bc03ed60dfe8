#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// One row of `attempts`.
struct AttemptRow {
    std::int64_t job_seq = 0;
    int n = 0;
    std::int64_t fence = 0;
};

/// Binds host, boot_id, pid_namespace, supervisor_pid and supervisor_start; NULL without one.
void bind_supervisor(Query& query, const std::optional<ProcessIdentity>& supervisor);
/// Binds pid and process_start; NULL without a process.
void bind_process(Query& query, const std::optional<AttemptProcess>& process);

/// Inserts an attempt that starts now.
void insert_attempt(
    Connection& connection, const AttemptRow& row, const AttemptOwner& owner, Time now);

/// Records how the latest attempt ended. `word` is the name of a terminal status, or "lost".
void close_attempt(
    Connection& connection,
    const JobState& state,
    std::string_view word,
    const Outcome& outcome,
    Time now);

/// Which verb changes a job, on whose behalf and when.
struct Change {
    Verb verb = Verb::submit;
    const std::string& actor;
    Time now;
};

/// A newly opened attempt, and the row of its job (without what other tables hold).
struct Opened {
    Job job;
    AttemptKey key;
};

/// Changes a queued job to running and opens its next attempt.
Opened open_attempt(
    Connection& connection, std::int64_t seq, const AttemptOwner& owner, const Change& change);

/// Queues the job again as if the attempt had never been opened, except that the fence keeps its
/// new value.
void undo_attempt(Connection& connection, const JobState& state, const Change& change);

}  // namespace atlasjob::sqlite
