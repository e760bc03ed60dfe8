#pragma once

#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

/// One row of `attempts`.
struct AttemptRow {
    std::int64_t job_seq = 0;
    int n = 0;
    std::int64_t fence = 0;
};

/// Records an attempt that begins now.
void insert_attempt(
    Connection& connection, const AttemptRow& row, const AttemptOwner& owner, Time now);

/// Records how an attempt ended; `outcome` is a terminal status' word, or "lost".
void close_attempt(
    Connection& connection,
    const JobState& state,
    std::string_view outcome,
    const Outcome& how,
    Time now);

/// Who moves a job, by which verb and when.
struct Change {
    Verb verb = Verb::submit;
    const std::string& actor;
    Time now;
};

/// An attempt that was opened, and the job as it is then, without what hangs on it.
struct Opened {
    Job job;
    AttemptKey key;
};

/// Moves a queued job to running and opens its next attempt.
Opened open_attempt(
    Connection& connection, std::int64_t seq, const AttemptOwner& owner, const Change& move);

/// Makes it as if the attempt had never been opened, but for the fence: the job is queued again.
void undo_attempt(Connection& connection, const JobState& state, const Change& move);

}  // namespace atlasjob::sqlite
