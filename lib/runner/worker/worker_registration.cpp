#include "runner/worker/worker_registration.h"

#include <utility>

namespace atlasjob {

void WorkerRegistration::renew(Store& store, Time now) {
    if (left_) return;
    if (id_ != 0 && store.worker_heartbeat(id_, draining_, now)) return;
    id_ = store.register_worker(worker_, now);
    if (draining_) store.worker_heartbeat(id_, true, now);
}

void WorkerRegistration::drain(Store& store, Time now) {
    draining_ = true;
    lock_.reset();
    renew(store, now);
}

bool WorkerRegistration::leave_if_idle(Store& store, Time now) {
    deregister(store);
    lock_.reset();
    if (store.count_runnable(worker_.account) > 0) lock_ = WorkerLock::try_take(ledger_);
    // Without the lock: there are no jobs, or another worker is there for them.
    left_ = !lock_;
    renew(store, now);
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
