#pragma once

#include "base/time.h"
#include "follow_gp/gp_job.h"
#include "follow_gp/reply.h"
#include "ledger/job.h"

namespace atlasjob::follow_gp {

// How following a job ended -> what the ledger keeps, as pure functions. A cancel that was asked
// for is final: the job is cancelled then, and its text says what is true of the server's side.

/// The job ended at its server otherwise than well, or was cancelled. Of one that succeeded without
/// having been cancelled: outcome_of_results.
Outcome outcome_of(const GpJob& job, bool cancel_wanted);
/// `results` is a JSON object.
Outcome outcome_of_results(std::string results);
/// It succeeded, but its results cannot be kept.
Outcome outcome_without_results(const std::string& why);
/// The server will never tell how the job is.
Outcome outcome_of_refusal(const Failure& trouble, bool cancel_wanted);
/// Nothing could be learnt for so long.
Outcome outcome_of_silence(const Failure& trouble, milliseconds patience, bool cancel_wanted);
/// The server does not cancel it.
Outcome outcome_of_refused_cancel(const std::string& why);
/// The follower was told to leave.
Outcome outcome_of_leaving(int signo, bool cancel_wanted);

}  // namespace atlasjob::follow_gp
