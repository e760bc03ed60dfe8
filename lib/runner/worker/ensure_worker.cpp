#include "runner/worker/ensure_worker.h"

#include "base/error.h"
#include "ledger/policy.h"
#include "process/identity.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/placed_exec.h"
#include "runner/worker/worker_lock.h"

#include <fcntl.h>

#include <algorithm>
#include <ctime>
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

/// How long the machine has slept since it was booted.
milliseconds slept() {
    const auto reading = [](clockid_t clock) {
        timespec now{};
        clock_gettime(clock, &now);
        return milliseconds{std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000};
    };
    // The reading after may be a millisecond ahead.
    return std::max(reading(CLOCK_BOOTTIME) - reading(CLOCK_MONOTONIC) - milliseconds{1}, 0ms);
}

/// Workers that serve and are not draining.
std::vector<Worker> active_workers(Store& store, Time now) {
    std::vector<Worker> workers = store.workers();
    std::erase_if(
        workers, [&](const Worker& worker) { return worker.draining || !is_serving(worker, now); });
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

/// How many runnable jobs, of any account, no active worker may run.
std::int64_t unserved(Store& store, Time now, const std::optional<std::string>& queue) {
    std::vector<RunnableJobs> waiting = store.runnable_jobs();
    std::erase_if(waiting, [&](const RunnableJobs& jobs) { return queue && jobs.queue != *queue; });
    if (waiting.empty()) return 0;
    const std::vector<Worker> workers = active_workers(store, now);
    std::int64_t count = 0;
    for (const RunnableJobs& jobs : waiting) {
        const bool served = std::ranges::any_of(workers, [&](const Worker& worker) {
            return worker.serves(jobs.queue) && worker.runs_for(jobs.account);
        });
        if (!served) count += jobs.count;
    }
    return count;
}

EnsuredWorker start(const OnDemandWorker& worker, const std::optional<WorkerLock>& lock) {
    const UniqueFd null = open_file("/dev/null", O_RDWR);
    if (!null) return {false};
    const UniqueFd log = open_worker_log(worker.ledger);
    std::vector<int> fds = {null.get(), null.get(), log ? log.get() : null.get()};
    if (lock) fds.push_back(lock->fd());
    auto started = placed_exec(
        worker.command, fds, {.ledger = worker.ledger, .attributes = background_attributes()});
    auto* placed = std::get_if<PlacedProcess>(&started);
    if (placed == nullptr) return {false};
    if (lock) lock->record_worker(placed->process.pid);
    started_workers().add(std::move(placed->process));
    return {true, {}, true, placed->lifetime == Lifetime::logout};
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

EnsuredWorker merged(EnsuredWorker first, EnsuredWorker second) {
    second.served = second.served && first.served;
    second.started = second.started || first.started;
    second.ends_at_logout = second.ends_at_logout || first.ends_at_logout;
    if (!second.last_error) second.last_error = std::move(first.last_error);
    if (!second.refused) second.refused = std::move(first.refused);
    return second;
}

bool is_serving(const Worker& worker, Time now) {
    const Liveness process = liveness_of(worker.is.process);
    return is_alive(worker, process, now)
           && (process != Liveness::alive || !is_silent(worker, now));
}

bool is_silent(const Worker& worker, Time now) {
    const milliseconds silence = now - worker.heartbeat_at;
    if (silence <= kWorkerSilence || liveness_of(worker.is.process) == Liveness::gone) return false;
    return is_stopped(worker.is.process) || silence - slept() > kWorkerSilence;
}

std::int64_t count_unserved(Store& store) {
    return unserved(store, store.read_clock().time, std::nullopt);
}

EnsuredWorker ensure_worker(
    Store& store, const OnDemandWorker& worker, const std::optional<std::string>& queue) {
    started_workers().reap_ended();
    try {
        if (const auto why = store.why_untrusted()) {
            if (unserved(store, store.read_clock().time, queue) == 0) return {};
            return {false, untrusted_error(*why)};
        }
        if (all_served(store, store.read_clock().time, queue)
            || store.count_runnable(own_account()) == 0)
            return {};
        if (worker.command.empty()) return {false};
        auto lock = WorkerLock::try_take(worker.ledger);
        // If another process holds the lock, its worker is running or about to start, and checks
        // for jobs once more after it has released the lock. If the lock is for another file, start
        // a worker, which waits for the lock.
        if (!lock && WorkerLock::is_for(worker.ledger)) {
            const Time now = store.read_clock().time;
            lock = WorkerLock::replace_silent(worker.ledger, now - kWorkerSilence);
            if (!lock) return {};
        }
        auto error = last_worker_error(worker.ledger);
        if (error && !error->latest) error.reset();
        EnsuredWorker result = start(worker, lock);
        if (result.started) result.last_error = std::move(error);
        return result;
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
