#pragma once

#include "base/clock.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervisor.h"
#include "runner/worker/ensure_worker.h"

#include <map>

namespace atlasjob {

struct SlotOptions {
    LedgerAddress ledger;                    ///< Passed to the commands.
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< Limits of running jobs per queue.
    bool any_account = false;                ///< WorkerOptions::any_account.
    /// Its commands get nothing that goes beyond what this process has (stricter_of): somebody has
    /// restricted the worker. Otherwise they get what their submitters have.
    bool bounded = false;
    Timings timings;
    OnEnd on_end = {};         ///< Hooks to start when a job has ended.
    OnDemandWorker successor;  ///< Started if its worker is gone and runnable jobs remain.
};

/// The actor of claims and finishes in the history.
inline constexpr std::string_view kSlotActor = "worker";

/// A slot writes its state to its standard output, one letter per change.
inline constexpr char kSlotBusy = 'b';
inline constexpr char kSlotIdle = 'i';  ///< It found nothing to claim.
/// Exit status of a slot that has queued jobs again while exiting: its worker must ensure that
/// another one runs them.
inline constexpr int kSlotLeftJobs = 3;

/// Runs one slot of a worker, in a process of its own: claims, supervises and finishes one job
/// after the other, and sleeps between them until the ledger changes. Its standard input is a pipe
/// whose other end only the worker holds; its standard output goes to the worker.
///
/// Exits after the current job when the worker is gone, on TERM, INT or HUP, or when the ledger's
/// file has been replaced. A second signal stops the job with reason shutdown. Before it exits, and
/// when it notices one, it releases every attempt that was claimed for it but not spawned, even if
/// it never received the claim. Neither an unavailable ledger nor a job that cannot be started
/// makes it exit. Returns the exit status, 0 or kSlotLeftJobs; throws Error if the ledger cannot be
/// used at all (not_a_ledger, newer_ledger).
///
/// The Store is used on another thread meanwhile. This process becomes the subreaper of its
/// descendants.
[[nodiscard]] int run_slot(
    Store& store, LogStore& logs, const Clock& clock, const SlotOptions& options);

}  // namespace atlasjob
