#include "runner/worker/worker_registration.h"

#include <unistd.h>

#include <utility>

namespace atlasjob {

void WorkerRegistration::renew(Store& store) {
    if (left_) return;
    if (id_ != 0 && store.worker_heartbeat(id_, draining_)) return;
    id_ = store.register_worker(worker_);
    if (draining_) static_cast<void>(store.worker_heartbeat(id_, true));
}

void WorkerRegistration::drain(Store& store) {
    draining_ = true;
    renew(store);
    lock_.reset();
}

bool WorkerRegistration::leave_if_idle(Store& store) {
    deregister(store);
    lock_.reset();
    if (store.count_runnable(worker_.account) > 0) lock_ = WorkerLock::try_take(ledger_);
    if (lock_) lock_->record_worker(getpid());
    // Without the lock: there are no jobs, or another worker is there for them.
    left_ = !lock_;
    renew(store);
    return left_;
}

void WorkerRegistration::leave(Store& store) {
    left_ = true;
    deregister(store);
}

void WorkerRegistration::deregister(Store& store) {
    if (id_ != 0) store.unregister_worker(id_);
    id_ = 0;
}

}  // namespace atlasjob
