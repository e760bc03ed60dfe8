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

/// Ends a job, whatever it was, and lets those that waited for it go on. Its attempt, if one is
/// open, must have been closed before.
void end_job(
    Connection& connection, const JobState& state, const Outcome& outcome, const Change& move);

/// Queues a running job for another attempt, `delay` from now. The attempt must have been closed.
Finished requeue_job(
    Connection& connection,
    const JobState& state,
    std::optional<Reason> reason,
    milliseconds delay,
    const Change& move);

/// The outcome of a job that is cancelled because somebody asked for it.
Outcome cancelled_on_request(const JobState& state);

/// How long a job waits before its next attempt.
milliseconds backoff_of(const JobState& state);

}  // namespace atlasjob::sqlite
