#include "runner/queue_crowd.h"

#include "ledger/policy.h"
#include "process/identity.h"

#include <algorithm>

namespace atlasjob {

namespace {

/// Live workers that serve a queue for an account; those that leave count no more.
std::vector<Worker> workers_for(
    Store& store, const std::string& queue, const std::optional<AccountId>& account, Time now) {
    std::vector<Worker> workers = store.workers();
    std::erase_if(workers, [&](const Worker& worker) {
        return worker.draining || !worker.serves(queue) || !worker.runs_for(account)
               || !is_alive(worker, liveness_of(worker.is.process), now);
    });
    return workers;
}

/// Whether a slot of one of these may be what runs the attempt.
bool may_be_run_by(const std::vector<Worker>& workers, const RunningAttempt& attempt) {
    return attempt.supervisor && std::ranges::any_of(workers, [&](const Worker& worker) {
               return worker.serves(attempt.queue);
           });
}

}  // namespace

QueueCrowd crowd_of(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now) {
    QueueCrowd crowd;
    const auto limit = queue_slots.find(queue);
    if (limit != queue_slots.end()) crowd.limit = limit->second;
    const std::vector<Worker> workers = workers_for(store, queue, account, now);
    for (const Worker& worker : workers)
        crowd.slots += worker.is.slots;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        if (!attempt.elsewhere && attempt.queue == queue) ++crowd.running;
        if (may_be_run_by(workers, attempt)) ++crowd.commands;
    }
    return crowd;
}

}  // namespace atlasjob
