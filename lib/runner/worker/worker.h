#pragma once

#include "ledger/log_store.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"
#include "runner/worker/replaced_ledger.h"

#include <functional>
#include <string_view>

namespace atlasjob {

struct WorkerOptions {
    LedgerAddress ledger;
    std::string actor;                ///< Who reaps lost jobs, for their history.
    int slots = 1;                    ///< How many jobs to run at the same time.
    std::vector<std::string> queues;  ///< Empty: every queue.
    /// True: runs jobs of every account from any ledger, all as the account of this process. False:
    /// only jobs of its own account and jobs without one, and only from a trusted ledger
    /// (Store::why_untrusted).
    bool any_account = false;
    /// The argv with which this program is started again as a slot (slot.h).
    std::vector<std::string> slot_command;
    /// This worker was started by ensure_worker(): it holds the WorkerLock, and exits when no
    /// runnable jobs are left.
    bool on_demand = false;
    /// Exit after being idle for so long. An on-demand worker is idle while no job with a command
    /// is queued, due or not; any other worker while no job is due or running.
    std::optional<milliseconds> idle_exit;
    std::optional<milliseconds> grace;  ///< After which a drain stops running jobs; nullopt: never.
    OnEnd on_end = {};                  ///< Hooks to start, of reaped jobs and any owed ones.
    /// Called with "NAME=value" lines of sd_notify(3) when it serves its queues and when it drains.
    std::function<void(std::string_view)> on_state = {};
    OnDemandWorker successor;  ///< Started if jobs remain when an idle worker exits.
    milliseconds tick = kHeartbeatInterval;
    milliseconds file_check = std::chrono::seconds{1};  ///< How often to check the ledger's file.
    /// Opens the ledger that has replaced this worker's at its path; must not create one. Called on
    /// the thread that uses the Store. Empty: such a ledger is ignored.
    ReplacedLedger::Open open_again = {};
};

/// Runs queued jobs in slot processes until it is stopped: registers itself, restarts slots that
/// die, reaps lost jobs at every tick. TERM or INT drains it: nothing more is claimed, and it exits
/// when the running jobs have ended; a second signal, or the grace, stops them with reason
/// shutdown. If the worker is killed, its slots finish their jobs. If its systemd unit is being
/// stopped (Unit::is_stopped_by), it starts no successor.
///
/// Also exits when the ledger's file is no longer at its path: deregisters itself in that file, and
/// ensures that a ledger that has replaced it has a worker, at once and until its own slots have
/// finished.
///
/// Returns the exit status: 0, also if there already is another on-demand worker. Throws Error if
/// the ledger cannot be used at all (not_a_ledger, newer_ledger), if this account must not run its
/// jobs (untrusted_error, after a drain if that changes while it runs), or if the ledger was moved
/// (ledger_moved).
///
/// The Store is used on another thread meanwhile. This process becomes the subreaper of its
/// descendants and reaps the orphans it adopts.
[[nodiscard]] int run_worker(Store& store, LogStore& logs, const WorkerOptions& options);

}  // namespace atlasjob
