#pragma once

#include "store/sqlite/verbs/attempts.h"

namespace atlasjob::sqlite {

/// Store::finish within the caller's write transaction.
std::optional<Finished> finish_attempt(
    Connection& connection,
    const AttemptKey& key,
    const Outcome& outcome,
    const std::string& actor,
    Time now);

/// Store::finish_and_claim within the caller's write transaction.
FinishedAndClaimed finish_and_claim(
    Connection& connection,
    const AttemptKey& key,
    const Outcome& outcome,
    const ClaimRequest& request,
    Time now);

/// Ends a queued or running job and releases or cancels its dependents. An open attempt must have
/// been closed before.
void end_job(
    Connection& connection, const JobState& state, const Outcome& outcome, const Change& change);

/// Queues a running job for another attempt, `delay` from now. Its attempt must have been closed.
Finished requeue_job(
    Connection& connection,
    const JobState& state,
    std::optional<Reason> reason,
    milliseconds delay,
    const Change& change);

/// The outcome of a job that is cancelled on request.
Outcome cancelled_on_request(const JobState& state);

/// The delay before a job's next attempt.
milliseconds backoff_of(const JobState& state);

}  // namespace atlasjob::sqlite
