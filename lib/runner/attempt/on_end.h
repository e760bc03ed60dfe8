#pragma once

#include "base/error.h"
#include "ledger/address.h"
#include "ledger/store.h"
#include "ledger/worker.h"

#include <optional>
#include <string>

namespace atlasjob {

// Commands that run when a job ends (`--on-end`, CommandSpec::on_end), called hooks, and the rule
// whose commands this account may run. Each hook is run by a small process of its own, so that the
// process that ends a job does not wait for it.

/// How to start hooks.
struct OnEnd {
    /// The argv with which this program is started again to call run_on_end(); the job_id and the
    /// status are appended. Empty: hooks are not run.
    std::vector<std::string> command;
    LedgerAddress ledger = {};
    std::string actor;  ///< For the history, if a hook cannot be started.
    /// True: run the hooks of every account's jobs in any ledger, as the account of this process.
    /// False: only those of its own account's jobs and of jobs without an account, and only from a
    /// trusted ledger (Store::why_untrusted).
    bool any_account = false;
};

/// Whether start_owed_hooks() may have something to do after this job has ended. Spares the common
/// case, a done job without a hook, a read.
[[nodiscard]] inline bool may_start_on_end(const CommandSpec& command, Status status) {
    return is_terminal(status) && (command.on_end || status != Status::done);
}

/// Starts the owed hooks of ended jobs (Store::owed_hooks) that this account may run. Hooks of a
/// job that ran in another container are left to processes there for a while, then started here.
/// Call it after any verb that may have ended a job; it also covers jobs cancelled as dependents:
/// - finish, finish_and_claim and reap, if they ended the job rather than requeued it;
/// - request_cancel, if it returned `cancelled` (if `requested`, the supervisor will call this);
/// - submit of a job with `after`, whose dependencies may already have failed.
/// Workers (at every tick) and gc call it for hooks that were missed.
///
/// Each hook is taken in the ledger before it is started, so it runs at most once per end even if
/// several processes call this at the same time. A failed start is recorded as the event
/// "on_end_failed". Never throws an Error: hooks that could not be taken stay owed.
void start_owed_hooks(Store& store, const OnEnd& on_end);

/// A job that has ended, as its hook sees it.
struct EndedJob {
    JobId id;
    Status status = Status::done;
    LedgerAddress ledger;
    std::string actor;                              ///< For the history, if the hook fails.
    milliseconds limit = std::chrono::seconds{60};  ///< After which the hook is killed.
    bool any_account = false;                       ///< As OnEnd::any_account.
    /// The hook gets nothing that goes beyond what this process has (stricter_of).
    bool bounded = false;
};

/// Runs the hook of a job, which start_owed_hooks() must have taken, and waits for it: `/bin/sh -c`
/// with the directory, environment, umask and process attributes of the job's command, with
/// ATLASJOB_JOB_ID, _STATUS, _LEDGER and _PRINCIPAL, and with its standard descriptors connected to
/// /dev/null. Records the event "on_end_failed" if the hook cannot be started, does not exit with
/// 0, exceeds the limit, or may not be run by this account. Does nothing for a job without a hook.
void run_on_end(Store& store, const EndedJob& job);

/// The account whose jobs this process may run, besides jobs without an account; nullopt with
/// `any_account`: all.
[[nodiscard]] std::optional<AccountId> own_account(bool any_account = false);

/// The Error (unavailable) for a ledger whose jobs this account must not run. `why` is from
/// Store::why_untrusted().
Error untrusted_error(const std::string& why);

}  // namespace atlasjob
