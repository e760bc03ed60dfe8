#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ledger/store.h"
#include "ledger/worker.h"

#include <optional>
#include <string>

namespace atlasjob {

/// What runs when a job ends (CommandSpec::on_end). Each is run by a small process of its own, so
/// that nobody who ends a job waits for it.
struct OnEnd {
    /// The argv, run from this very program, of one that calls run_on_end(): the job_id and the
    /// status are appended. Empty: nothing is run.
    std::vector<std::string> command;
    std::string actor;  ///< For the history, when it cannot be started.
    /// Runs those of any account's jobs, from any ledger, as this process's account. Else its own
    /// account's and those without one, on a ledger to be trusted (Store::why_untrusted).
    bool any_account = false;
};

/// Whether start_owed_hooks() could have something to do for a job that ended: saves its reading
/// where most jobs end.
inline bool may_start_on_end(const CommandSpec& command, Status status) {
    return is_terminal(status) && (command.on_end || status != Status::done);
}

/// Starts the on-end commands that ended jobs owe (Store::owed_hooks) and that this account may
/// run; of a job that ran in another container only when nobody there has come for it in time.
/// Whoever ended a job calls it after its verb has returned, so that what is to run starts at once,
/// also for jobs that were cancelled with it:
/// - finish, finish_and_claim, reap that ended the job (a requeue is no end);
/// - request_cancel that answered `cancelled` (`requested`: the supervisor will call);
/// - submit of a job whose dependencies had already failed (its Submitted does not tell: for jobs
///   with `after`, call it).
/// Workers, at every tick, and gc call it for what others left.
///
/// Each is taken before it is started: at most once for each end, whoever looks at the same time. A
/// start that fails is the event "on_end_failed". Never throws an Error: what could not be taken
/// now stays owed.
void start_owed_hooks(Store& store, const Clock& clock, const OnEnd& on_end);

/// A job that has ended, and what its on-end command is told of it.
struct EndedJob {
    JobId id;
    Status status = Status::done;
    std::string ledger;                             ///< Absolute.
    std::string actor;                              ///< For the history, when the command fails.
    milliseconds limit = std::chrono::seconds{60};  ///< After which the command is killed.
    bool any_account = false;                       ///< As OnEnd's.
};

/// Runs the on-end command of a job and waits for it: /bin/sh -c, in the directory, environment and
/// umask of the job's command, with ATLASJOB_JOB_ID, _STATUS, _LEDGER and _PRINCIPAL, everything it
/// reads and writes being /dev/null. One that cannot start, does not end with 0, or takes longer
/// than the limit is the event "on_end_failed"; so is one that this account may not run. Nothing
/// happens to a job that has none. The caller has taken it (start_owed_hooks).
void run_on_end(Store& store, const Clock& clock, const EndedJob& job);

/// Whose jobs this process may run: its own account's and those without one, or with `any_account`
/// everybody's (nothing).
std::optional<AccountId> own_account(bool any_account = false);

/// The refusal to run what is in a ledger (code unavailable): whose it is, and what to do. `why` as
/// Store::why_untrusted() says it.
Error untrusted_error(const std::string& why);

}  // namespace atlasjob
