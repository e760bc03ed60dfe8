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

/// Workers that this process started and has not reaped. Those whose caller ends before them are
/// reaped by whoever adopts them.
class Started {
  public:
    void add(ProcessHandle worker) {
        const std::lock_guard lock{mutex_};
        workers_.push_back(std::move(worker));
    }
    void reap_ended() {
        const std::lock_guard lock{mutex_};
        std::erase_if(workers_, [](const ProcessHandle& worker) {
            if (!ended(worker)) return false;
            reap(worker.pid);
            return true;
        });
    }

  private:
    std::mutex mutex_;
    std::vector<ProcessHandle> workers_;
};

Started& started() {
    static Started all;
    return all;
}

/// The workers that go on taking work.
std::vector<Worker> taking_work(Store& store, Time now) {
    std::vector<Worker> workers = store.workers();
    std::erase_if(workers, [&](const Worker& worker) {
        return worker.draining || !is_alive(worker, liveness_of(worker.is.process), now);
    });
    return workers;
}

bool is_served(const std::vector<Worker>& workers, const std::string& queue) {
    return std::ranges::any_of(workers, [&](const Worker& worker) { return worker.serves(queue); });
}

/// Whether each queue with queued jobs, or the one that is asked about, has a worker for our jobs.
bool all_served(Store& store, Time now, const std::optional<std::string>& queue) {
    std::vector<Worker> workers = taking_work(store, now);
    std::erase_if(workers, [](const Worker& worker) { return !worker.runs_for(own_account()); });
    if (workers.empty()) return false;
    if (queue) return is_served(workers, *queue);
    const std::vector<Count> counts = store.count(Principal{"", true});
    return std::ranges::all_of(counts, [&](const Count& count) {
        return count.status != Status::queued || is_served(workers, count.queue);
    });
}

/// Whether there are runnable jobs, of anybody, that no worker may run.
bool any_unserved(Store& store, Time now, const std::optional<std::string>& queue) {
    std::vector<RunnableJobs> waiting = store.runnable_jobs();
    std::erase_if(waiting, [&](const RunnableJobs& jobs) { return queue && jobs.queue != *queue; });
    if (waiting.empty()) return false;
    const std::vector<Worker> workers = taking_work(store, now);
    return std::ranges::any_of(waiting, [&](const RunnableJobs& jobs) {
        return std::ranges::none_of(workers, [&](const Worker& worker) {
            return worker.serves(jobs.queue) && worker.runs_for(jobs.account);
        });
    });
}

bool start(const OnDemandWorker& worker, const std::optional<WorkerLock>& lock) {
    const UniqueFd nothing = open_file("/dev/null", O_RDWR);
    if (!nothing) return false;
    const int null = nothing.get();
    std::vector<int> fds = {null, null, null};
    if (lock) fds.push_back(lock->fd());
    auto process = self_exec(worker.command, fds);
    if (!std::holds_alternative<ProcessHandle>(process)) return false;
    started().add(std::move(std::get<ProcessHandle>(process)));
    return true;
}

}  // namespace

EnsuredWorker ensure_worker(
    Store& store,
    const Clock& clock,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue) {
    started().reap_ended();
    try {
        if (const auto why = store.why_untrusted()) {
            if (!any_unserved(store, clock.now(), queue)) return {};
            return {false, untrusted_error(*why)};
        }
        if (all_served(store, clock.now(), queue) || store.count_runnable(own_account()) == 0)
            return {};
        if (worker.command.empty()) return {false};
        const auto lock = WorkerLock::try_take(worker.ledger);
        // Whoever has it is there, or will be; one that leaves looks again once it has let go. One
        // that serves another file is waited for, by the worker that is started.
        return {(!lock && WorkerLock::is_for(worker.ledger)) || start(worker, lock)};
    } catch (const Error&) {
        return {false};
    }
}

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

QueueLoad queue_load(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now) {
    QueueLoad crowd;
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
