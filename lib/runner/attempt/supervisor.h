#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ledger/log_store.h"
#include "ledger/policy.h"
#include "ledger/store.h"
#include "process/descendants.h"
#include "runner/async/change_listener.h"
#include "runner/async/store_executor.h"
#include "runner/attempt/ending.h"
#include "runner/attempt/nonblocking_writer.h"
#include "runner/attempt/self_exec.h"

#include <functional>

namespace atlasjob {

/// What a process needs to supervise attempts, one at a time. Makes the process the subreaper of
/// its descendants for good. While this object exists, the Store belongs to the thread of `ledger`.
struct SupervisorContext {
    SupervisorContext(Store& store, LogStore& log_store)
        : logs(log_store),
          subreaper(is_ledger_process),
          changes(loop, store),
          ledger(store, loop) {}

    LogStore& logs;
    Loop loop;
    BrokenPipesIgnored pipes;
    Subreaper subreaper;
    ChangeListener changes;
    // Last, because it takes over the Store, which `changes` uses during construction.
    StoreExecutor ledger;
};

/// Intervals and delays of a supervisor. Tests use shorter ones.
struct Timings {
    milliseconds heartbeat = kHeartbeatInterval;
    /// Before the command's process is recorded; most commands exit sooner and save that write.
    milliseconds note = 25ms;
    milliseconds report = kReportInterval;
    milliseconds poll = 1s;  ///< Of the job, for changes that were not notified.
    milliseconds grace = kGrace;
    milliseconds descendant_grace = 2s;  ///< From TERM to KILL for the descendants left behind.
    milliseconds partial = 200ms;        ///< How long an unfinished line is kept out of the log.
    milliseconds first_retry = 100ms;    ///< Of a finish; doubles
    milliseconds max_retry = 5s;         ///< up to this.
};

/// An attempt for this process to run, from a claim or from submit with start_as.
struct Attempt {
    AttemptKey key;  ///< Includes attempt number and fence.
    std::string owner;
    CommandSpec command;
    std::optional<milliseconds> timeout;
    std::int64_t seq = 0;
};

struct SuperviseOptions {
    LedgerAddress ledger;  ///< Passed to the command.
    std::string actor;     ///< Who ends the attempt, for the job's history.
    /// `run`: the command gets this process's standard input, its output is also forwarded to this
    /// process's outputs, and INT, TERM, HUP and QUIT are forwarded to it, after which the job ends
    /// as cancelled, and USR1 and USR2, which change nothing else. If this process's two outputs
    /// are one (outputs_are_one), so are the command's, unless its standard output is the result.
    bool foreground = false;
    /// With foreground: the command gets a pseudo-terminal (ForegroundTerminal); everything it
    /// writes there counts as standard output.
    bool tty = false;
    /// Not with foreground, tty or CommandSpec::input: the command's standard input is one
    /// that every process with access to the ledger can send to (JobInput).
    bool interactive = false;
    /// This process exists only to supervise this attempt: on INT, TERM or HUP it stops the command
    /// and the job ends in error with reason shutdown.
    bool detached = false;
    /// With foreground and without tty: makes what is written to the terminal, between two
    /// characters of the command's output, when the command starts and whenever the job's progress
    /// has changed. Empty: nothing is written.
    std::function<std::string(const std::optional<double>& progress)> progress_text = {};
    /// Called once, after the command has started or failed to start.
    std::function<void()> on_started = {};
    /// What to claim in the same transaction as the finish; nullopt: nothing.
    std::optional<ClaimRequest> next;
    Timings timings;
    /// The command gets nothing that goes beyond these.
    std::optional<ProcessAttributes> bounds = std::nullopt;
};

struct SuperviseResult {
    std::optional<Finished> finished;  ///< nullopt: the attempt was lost or unrecorded.
    std::optional<Claim> claim;        ///< The next attempt, claimed for this process.
    /// Whether a claim may have been committed without this process having received it.
    bool claim_unclear = false;
    /// Set if the end could not be recorded because the ledger's file is gone. Wherever that file
    /// is now, the attempt will be reaped.
    std::optional<Error> unrecorded = {};
    Outcome outcome;
    /// In the foreground: the failure to forward the command's output, if any.
    std::optional<OutputFailure> output_failure;
    /// How much of the output could not be stored, and why; noted in the job's history, too.
    std::optional<std::string> log_loss;
    /// The command's code, 128 + n for signal n, 124 after a timeout, 127 not found, 126 not
    /// executable, 125 not started for another reason, or 125 instead of 0 with output_failure.
    int exit_status = 125;
};

/// Runs the command of one attempt to its end, with output log, report channel, heartbeats, timeout
/// and cancel; terminates the descendants it leaves behind; and records the end. On return, the end
/// is durable or the attempt was lost. Retries for as long as the ledger is unavailable. A ledger
/// that is moved meanwhile is written at its new path (store/open.h).
///
/// The Store is used on another thread meanwhile. This process becomes the subreaper of its
/// descendants for good. In the foreground, this thread's loop handles INT, TERM, HUP, QUIT and
/// TSTP, which have their default disposition afterwards.
///
/// Throws Error if the finish fails permanently (not_a_ledger, newer_ledger, …), or if the user
/// interrupts while the ledger is unavailable.
[[nodiscard]] SuperviseResult supervise(
    Store& store,
    LogStore& logs,
    const Clock& clock,
    const Attempt& attempt,
    const SuperviseOptions& options);

}  // namespace atlasjob
