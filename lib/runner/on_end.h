#pragma once

#include "base/clock.h"
#include "ledger/store.h"

namespace atlasjob {

/// What runs when a job ends (CommandSpec::on_end). Each is run by a small process of its own, so
/// that nobody who ends a job waits for it.
struct OnEnd {
    /// The argv, run from this very program, of one that calls run_on_end(): the job_id and the
    /// status are appended. Empty: nothing is run.
    std::vector<std::string> command;
    std::string actor;  ///< For the history, when it cannot be started.
};

/// Whether start_on_end() could have something to do for a job that ended: saves its reading where
/// most jobs end.
inline bool may_start_on_end(const CommandSpec& command, Status status) {
    return is_terminal(status) && (command.on_end || status != Status::done);
}

/// Starts what is to run now that `id` has ended, and for the jobs that waited for it and were
/// cancelled with it. Whoever ended a job calls it, once, after its verb has returned:
/// - finish, finish_and_claim, reap that ended the job (a requeue is no end);
/// - request_cancel that answered `cancelled` (`requested`: the supervisor will call);
/// - submit of a job whose dependencies had already failed (its Submitted does not tell: for jobs
///   with `after`, call it).
/// Does nothing for a job that has not ended. Never throws for what it starts: a start that fails
/// is the event "on_end_failed".
///
/// At most once for each end: who is killed between its verb and this call starts nothing.
void start_on_end(Store& store, const Clock& clock, const OnEnd& on_end, const JobId& id);

/// A job that has ended, and what its on-end command is told of it.
struct EndedJob {
    JobId id;
    Status status = Status::done;
    std::string ledger;                             ///< Absolute.
    std::string actor;                              ///< For the history, when the command fails.
    milliseconds limit = std::chrono::seconds{60};  ///< After which the command is killed.
};

/// Runs the on-end command of a job and waits for it: /bin/sh -c, in the directory, environment and
/// umask of the job's command, with ATLASJOB_JOB_ID, _STATUS, _LEDGER and _PRINCIPAL, everything it
/// reads and writes being /dev/null. One that cannot start, does not end with 0, or takes longer
/// than the limit is the event "on_end_failed". Nothing happens to a job that has none.
void run_on_end(Store& store, const Clock& clock, const EndedJob& job);

}  // namespace atlasjob
