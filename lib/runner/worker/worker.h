#pragma once

#include "base/clock.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"
#include "runner/worker/replaced_ledger.h"

namespace atlasjob {

struct WorkerOptions {
    std::string ledger;               ///< Absolute.
    std::string logs_root;            ///< Where output goes (log_files.h).
    std::string actor;                ///< Who takes lost jobs back, for their history.
    int slots = 1;                    ///< Jobs at a time.
    std::vector<std::string> queues;  ///< Empty: every queue.
    /// Runs jobs of any account, from any ledger, all of them as the account of this process. Else
    /// its own account's and those without one, and only while Store::why_untrusted has no
    /// objection.
    bool any_account = false;
    /// The argv of one slot (slot.h), run from this very program.
    std::vector<std::string> slot_command;
    /// Started by whoever left work with nobody to run it: holds the lock of which there is one a
    /// ledger and host, and leaves when nothing is queued any more.
    bool on_demand = false;
    /// Leave once idle for so long. An on-demand worker is idle while no row with a command is
    /// queued in any form; any other is idle while nothing is due and nothing runs.
    std::optional<milliseconds> idle_exit;
    std::optional<milliseconds> grace;  ///< After which a drain ends what still runs; none: waits.
    OnEnd on_end = {};  ///< What runs when jobs have ended: those taken back, and whatever is owed.
    OnDemandWorker successor;  ///< For what is left to run when an idle worker leaves.
    milliseconds tick = kHeartbeatInterval;
    milliseconds file_look = std::chrono::seconds{1};  ///< Between two looks at the ledger's file.
    /// Opens the ledger that is at the path now, when that is another than ours; makes none. Called
    /// on the thread of the Store. Empty: such a one is left to itself.
    ReplacedLedger::Open open_again = {};
};

/// Runs queued jobs in slot processes of their own until it is told to leave: registers itself,
/// keeps the slots alive, takes back lost jobs at every tick. TERM or INT drains: nothing new is
/// claimed, what runs ends; a second one, or the grace, ends what runs with reason shutdown.
/// Killing it takes no job with it: its slots end what they run. Leaves too when the ledger's file
/// is not at its path any more: strikes itself out in the file it came from, and sees to it that
/// one that is there now has a worker, at once and for as long as its slots have jobs. Returns the
/// exit status: 0, also when another on-demand worker is there. Throws Error for a ledger that
/// cannot be used at all (not_a_ledger, newer_ledger), untrusted_error for one whose jobs this
/// account must not run (at once, or, when it has become so, after a drain), and ledger_moved when
/// that is why it has left.
///
/// The Store is used on a thread of its own meanwhile. This process becomes the sub-reaper of its
/// descendants and reaps the orphans it gets.
int run_worker(Store& store, const Clock& clock, const WorkerOptions& options);

}  // namespace atlasjob
