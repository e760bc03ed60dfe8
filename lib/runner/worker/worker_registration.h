#pragma once

#include "ledger/store.h"
#include "runner/worker/worker_lock.h"

namespace atlasjob {

/// A worker's row in the ledger and, if it was started on demand, its lock. The order in which the
/// two are given up ensures that no runnable job is left without a worker: ensure_worker() checks
/// first for a registered worker, then the lock.
///
/// Belongs to the thread that uses the Store. Every member function throws what its verbs throw,
/// and may then be called again.
class WorkerRegistration {
  public:
    WorkerRegistration(NewWorker worker, LedgerAddress ledger, std::optional<WorkerLock> lock)
        : worker_(std::move(worker)), ledger_(std::move(ledger)), lock_(std::move(lock)) {}

    /// Sends a heartbeat. Registers the worker if it is not registered, at first or because it was
    /// removed; does nothing after it has left.
    void renew(Store& store);
    /// Marks the worker as draining, from which on its slots claim nothing, and then releases the
    /// lock: who sees it released knows that no job will be run by this worker.
    void drain(Store& store);
    /// Leaves unless jobs are runnable now or later: deregisters the worker, releases the lock,
    /// checks again, and if there are jobs, takes the lock and registers again. Returns whether it
    /// has left.
    bool leave_if_idle(Store& store);
    /// Deregisters the worker for good.
    void leave(Store& store);

  private:
    void deregister(Store& store);

    NewWorker worker_;
    LedgerAddress ledger_;
    std::optional<WorkerLock> lock_;
    std::int64_t id_ = 0;  ///< 0: not registered.
    bool draining_ = false;
    bool left_ = false;
};

}  // namespace atlasjob
