#pragma once

#include "base/time.h"
#include "follow_gp/gp_job.h"
#include "follow_gp/reply.h"
#include "ledger/job.h"

namespace atlasjob::follow_gp {

// Pure functions that turn the end of a followed job into the Outcome to store. Once a cancel was
// requested, the job ends as cancelled whatever the server did; the text says what happened there.

/// For a job that ended on the server, except one that succeeded without a cancel request
/// (outcome_of_results).
Outcome outcome_of(const GpJob& job, bool cancel_requested);
/// `results` is a JSON object.
Outcome outcome_of_results(std::string results);
/// The job succeeded, but its results cannot be stored.
Outcome outcome_without_results(const std::string& why);
/// The server refuses to report the job's status, and would again.
Outcome outcome_of_refusal(const Failure& failure, bool cancel_requested);
/// The server has not answered for `silence`.
Outcome outcome_of_silence(const Failure& failure, milliseconds silence, bool cancel_requested);
/// The server refused to cancel the job.
Outcome outcome_of_refused_cancel(const std::string& why);
/// The follower received signal `signo`.
Outcome outcome_of_leaving(int signo, bool cancel_requested);

}  // namespace atlasjob::follow_gp
