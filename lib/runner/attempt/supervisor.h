#pragma once

#include "base/clock.h"
#include "base/error.h"
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

/// What a supervisor works with, for one attempt or for one after the other. This process becomes
/// the sub-reaper of its descendants and stays it. The Store belongs to `ledger`'s thread
/// meanwhile.
struct SupervisorContext {
    explicit SupervisorContext(Store& store)
        : subreaper(is_ledger_process), changes(loop, store), ledger(store, loop) {}

    Loop loop;
    BrokenPipesIgnored pipes;
    Subreaper subreaper;
    ChangeListener changes;
    // Last: the Store is the caller's until all else is there.
    StoreExecutor ledger;
};

/// How often and how long the supervisor of an attempt does what it does. The defaults are the
/// product's; tests go faster.
struct Timings {
    milliseconds heartbeat = kHeartbeatInterval;
    milliseconds note =
        25ms;  ///< Of the command's process: most commands that end sooner need none.
    milliseconds report = kReportInterval;
    milliseconds look = 1s;  ///< At the job itself, for changes that no bell told.
    milliseconds grace = kGrace;
    milliseconds stray_grace = 2s;     ///< From TERM to KILL for what an ended command left behind.
    milliseconds partial = 200ms;      ///< How long the beginning of a line stays out of the log.
    milliseconds first_retry = 100ms;  ///< Before a finish is tried again; doubles,
    milliseconds longest_retry = 5s;   ///< up to this.
};

/// An attempt that is ours to run: what claim, or submit with start_as, gave.
struct Attempt {
    AttemptKey key;  ///< With attempt and fence.
    std::string owner;
    CommandSpec command;
    std::optional<milliseconds> timeout;
    std::int64_t seq = 0;
};

struct SuperviseOptions {
    std::string ledger;     ///< Absolute; told to the command.
    std::string logs_root;  ///< Where its output goes (log_files.h).
    std::string actor;      ///< Who ends the attempt, for the job's history.
    /// `run`: the command has our standard input, its output is also passed on to ours, and INT,
    /// TERM, HUP, QUIT are forwarded to it, after which the job ends cancelled.
    bool foreground = false;
    /// With foreground: the command has a terminal of its own, whatever our descriptors are
    /// (foreground_terminal.h); all it writes there counts as standard output.
    bool tty = false;
    /// Not with foreground, tty or a command that has its input: the command's standard input is a
    /// FIFO to which anybody with access to the ledger may write (input_pipe.h).
    bool interactive = false;
    /// We are nobody's child and do nothing else: INT, TERM and HUP to us end the command, and the
    /// job in error with reason shutdown.
    bool detached = false;
    /// Called once, when the command has been started or could not be.
    std::function<void()> begun = {};
    /// What to claim with the finish, as one step; nothing: no further job.
    std::optional<ClaimRequest> next;
    Timings timings;
};

struct SuperviseResult {
    std::optional<Finished> finished;  ///< Nothing: the attempt was lost; somebody else ends it.
    std::optional<Claim> claim;        ///< The next attempt, which is now ours.
    /// Whether a further attempt may be ours without our having been told of it.
    bool claim_unclear = false;
    /// Why the end could not be recorded: the ledger's file is gone. Whoever serves it where it is
    /// now finds the attempt lost.
    std::optional<Error> unrecorded = {};
    Outcome outcome;
    /// In the foreground: what the command wrote and our own outputs did not take.
    std::optional<OutputFailure> output_failure;
    /// The command's code, 128 + n for signal n, 124 after a timeout, 127 not found, 126 not
    /// executable, 125 not started for another reason, or output_failure where it would be 0.
    int exit_status = 125;
};

/// Runs the command of one attempt to its end and records that end: spawn, output log, report
/// channel, heartbeats, timeout, cancel, and nothing of the command left behind. When it returns,
/// the end is durable or the attempt was lost; it goes on for as long as the ledger is unavailable.
/// A ledger that was moved meanwhile is written where it is now (store/open.h).
///
/// The Store is used on a thread of its own meanwhile. This process becomes the sub-reaper of its
/// descendants and stays it. In the foreground, signals are watched in this thread's loop; INT,
/// TERM, HUP, QUIT and TSTP have their default disposition afterwards.
///
/// Throws Error when the ledger refuses the finish for good (not_a_ledger, newer_ledger, …), or
/// when somebody interrupts us while the ledger is unavailable.
SuperviseResult supervise(
    Store& store, const Clock& clock, const Attempt& attempt, const SuperviseOptions& options);

}  // namespace atlasjob
