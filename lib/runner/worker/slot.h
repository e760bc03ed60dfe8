#pragma once

#include "base/clock.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervisor.h"
#include "runner/worker/ensure_worker.h"

#include <map>

namespace atlasjob {

struct SlotOptions {
    std::string ledger;                      ///< Absolute; told to the commands.
    std::string logs_root;                   ///< Where output goes (log_files.h).
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< At most so many running jobs in these queues.
    bool any_account = false;                ///< As the worker's (worker.h).
    Timings timings;
    OnEnd on_end = {};         ///< What runs when a job has ended.
    OnDemandWorker successor;  ///< For what is left to run when this slot and its worker leave.
};

/// Who claims and ends jobs, for their history.
inline constexpr std::string_view kSlotActor = "worker";

/// What a slot says on its standard output, a letter each time it changes.
inline constexpr char kSlotBusy = 'b';
inline constexpr char kSlotIdle = 'i';  ///< It has looked, and nothing is there to claim.

/// One slot of a worker, a process of its own: claims, supervises and finishes one job after the
/// other, and sleeps on the bell between them. Its standard input is a pipe of which the worker
/// alone has the other end; its standard output goes to the worker.
///
/// Leaves once the job at hand has ended when the worker is gone, when it is told to by TERM or
/// INT, or when the ledger's file is not the one it was opened on. A second signal ends that job
/// with reason shutdown. An attempt that the ledger gave it and whose command it never spawned is
/// handed back, also one that it never heard of, and before it leaves. A ledger that cannot be used
/// for a while, and a job that cannot be started, never end it. Returns the exit status; throws
/// Error for a ledger that cannot be used at all (not_a_ledger, newer_ledger).
///
/// The Store is used on a thread of its own meanwhile. This process becomes the sub-reaper of its
/// descendants.
int run_slot(Store& store, const Clock& clock, const SlotOptions& options);

}  // namespace atlasjob
