#include "runner/worker/ensure_worker.h"

#include "base/error.h"
#include "ledger/policy.h"
#include "process/identity.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/self_exec.h"
#include "runner/worker/worker_lock.h"

#include <fcntl.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace atlasjob {

namespace {

/// Workers that this process has started and not reaped. Those that outlive this process are
/// reaped by the process that adopts them. Thread-safe.
class StartedWorkers {
  public:
    void add(ProcessHandle worker) {
        const std::lock_guard lock{mutex_};
        workers_.push_back(std::move(worker));
    }
    void reap_ended() {
        const std::lock_guard lock{mutex_};
        std::erase_if(workers_, [](const ProcessHandle& worker) {
            if (!await_end({&worker, 1}, 0)) return false;
            // A process that ignores SIGCHLD or reaps its orphans has no status left to read.
            if (ended(worker)) reap(worker.pid);
            return true;
        });
    }

  private:
    std::mutex mutex_;
    std::vector<ProcessHandle> workers_;
};

StartedWorkers& started_workers() {
    static StartedWorkers all;
    return all;
}

/// Live workers that are not draining.
std::vector<Worker> active_workers(Store& store, Time now) {
    std::vector<Worker> workers = store.workers();
    std::erase_if(workers, [&](const Worker& worker) {
        return worker.draining || !is_alive(worker, liveness_of(worker.is.process), now);
    });
    return workers;
}

bool is_served(const std::vector<Worker>& workers, const std::string& queue) {
    return std::ranges::any_of(workers, [&](const Worker& worker) { return worker.serves(queue); });
}

/// Whether `queue`, or every queue with queued jobs, has a worker for this account's jobs.
bool all_served(Store& store, Time now, const std::optional<std::string>& queue) {
    std::vector<Worker> workers = active_workers(store, now);
    std::erase_if(workers, [](const Worker& worker) { return !worker.runs_for(own_account()); });
    if (workers.empty()) return false;
    if (queue) return is_served(workers, *queue);
    const std::vector<Count> counts = store.count(Principal{"", true});
    return std::ranges::all_of(counts, [&](const Count& count) {
        return count.status != Status::queued || is_served(workers, count.queue);
    });
}

/// Whether there are runnable jobs, of any account, that no active worker may run.
bool any_unserved(Store& store, Time now, const std::optional<std::string>& queue) {
    std::vector<RunnableJobs> waiting = store.runnable_jobs();
    std::erase_if(waiting, [&](const RunnableJobs& jobs) { return queue && jobs.queue != *queue; });
    if (waiting.empty()) return false;
    const std::vector<Worker> workers = active_workers(store, now);
    return std::ranges::any_of(waiting, [&](const RunnableJobs& jobs) {
        return std::ranges::none_of(workers, [&](const Worker& worker) {
            return worker.serves(jobs.queue) && worker.runs_for(jobs.account);
        });
    });
}

bool start(const OnDemandWorker& worker, const std::optional<WorkerLock>& lock) {
    const UniqueFd null = open_file("/dev/null", O_RDWR);
    if (!null) return false;
    std::vector<int> fds = {null.get(), null.get(), null.get()};
    if (lock) fds.push_back(lock->fd());
    auto process = self_exec(worker.command, fds, {.ledger = worker.ledger});
    if (!std::holds_alternative<ProcessHandle>(process)) return false;
    started_workers().add(std::move(std::get<ProcessHandle>(process)));
    return true;
}

/// Active workers that serve a queue for an account.
std::vector<Worker> workers_for(
    Store& store, const std::string& queue, const std::optional<AccountId>& account, Time now) {
    std::vector<Worker> workers = active_workers(store, now);
    std::erase_if(workers, [&](const Worker& worker) {
        return !worker.serves(queue) || !worker.runs_for(account);
    });
    return workers;
}

/// Whether one of these workers may be running the attempt.
bool may_be_run_by(const std::vector<Worker>& workers, const RunningAttempt& attempt) {
    return attempt.supervisor && std::ranges::any_of(workers, [&](const Worker& worker) {
               return worker.serves(attempt.queue);
           });
}

}  // namespace

EnsuredWorker ensure_worker(
    Store& store, const OnDemandWorker& worker, const std::optional<std::string>& queue) {
    started_workers().reap_ended();
    try {
        if (const auto why = store.why_untrusted()) {
            if (!any_unserved(store, store.read_clock().time, queue)) return {};
            return {false, untrusted_error(*why)};
        }
        if (all_served(store, store.read_clock().time, queue)
            || store.count_runnable(own_account()) == 0)
            return {};
        if (worker.command.empty()) return {false};
        const auto lock = WorkerLock::try_take(worker.ledger);
        // If another process holds the lock, its worker is running or about to start, and checks
        // for jobs once more after it has released the lock. If the lock is for another file, start
        // a worker, which waits for the lock.
        return {(!lock && WorkerLock::is_for(worker.ledger)) || start(worker, lock)};
    } catch (const Error&) {
        return {false};
    }
}

QueueLoad queue_load(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now) {
    QueueLoad load;
    const auto limit = queue_slots.find(queue);
    if (limit != queue_slots.end()) load.limit = limit->second;
    const std::vector<Worker> workers = workers_for(store, queue, account, now);
    for (const Worker& worker : workers)
        load.slots += worker.is.slots;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        if (!attempt.elsewhere && attempt.queue == queue) ++load.running;
        if (may_be_run_by(workers, attempt)) ++load.commands;
    }
    return load;
}

}  // namespace atlasjob
