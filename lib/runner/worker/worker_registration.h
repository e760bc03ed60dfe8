#pragma once

#include "ledger/store.h"
#include "runner/worker/worker_lock.h"

namespace atlasjob {

/// A worker's entry in the ledger and, when it was started on demand, its lock. The order of the
/// steps is what keeps a runnable row from being left alone: whoever submits looks first for a
/// worker that is entered, then at the lock.
///
/// All of it belongs to the thread that uses the Store. Every call may throw what its verbs throw,
/// and may then be repeated.
class WorkerRegistration {
  public:
    WorkerRegistration(NewWorker worker, std::string ledger, std::optional<WorkerLock> lock)
        : worker_(std::move(worker)), ledger_(std::move(ledger)), lock_(std::move(lock)) {}

    /// A sign of life. Enters the worker when it is not there: at first, and when it was struck
    /// out; never again once it has left.
    void renew(Store& store, Time now);
    /// Takes no more work from now on, and lets go of the lock.
    void drain(Store& store, Time now);
    /// Leaves unless something is runnable now or later: strikes the worker out, lets go of the
    /// lock, looks once more, and where something came, takes it all back. False: it stays.
    bool leave_if_idle(Store& store, Time now);
    /// Strikes the worker out.
    void leave(Store& store);

  private:
    void deregister(Store& store);

    NewWorker worker_;
    std::string ledger_;
    std::optional<WorkerLock> lock_;
    std::int64_t id_ = 0;  ///< 0: not entered.
    bool draining_ = false;
    bool gone_ = false;  ///< For good.
};

}  // namespace atlasjob
