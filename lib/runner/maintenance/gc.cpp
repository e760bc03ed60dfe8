#include "runner/maintenance/gc.h"

#include "process/identity.h"
#include "runner/maintenance/orphans.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace atlasjob {

namespace {

/// At most so many rows per step; the store ends a step earlier if it takes too long.
constexpr int kBatch = 2000;
/// Tombstones per step: a few milliseconds under the write lock.
constexpr int kTombstones = 500;
/// The longest pause between two steps.
constexpr milliseconds kMaxPause{20};

/// Output may exist before its job is visible to this process, but not for an hour.
constexpr milliseconds kMinOrphanAge = std::chrono::hours{1};

Principal everybody(const GcOptions& options) {
    return {options.actor, true};
}

Liveness executor_of(const RunningAttempt& attempt) {
    return attempt.supervisor ? liveness_of(*attempt.supervisor) : Liveness::unknown;
}

/// Whether no heartbeat has come since the attempt was read. (One that comes clears the suspicion.)
bool is_still_suspect(const Job& job, const RunningAttempt& attempt) {
    return attempt.suspect && job.suspect_at == attempt.suspect->time;
}

/// Whether this attempt is still the job's running one. Comparing the number is not enough, as the
/// number of a released attempt is reused.
bool has_attempt(const Job& job, const RunningAttempt& attempt) {
    return job.status == Status::running && job.attempt == attempt.key.attempt
           && (!attempt.supervisor || job.worker == attempt.supervisor);
}

/// Whether the supervisor was stopped together with its command (Ctrl-Z); such an attempt is silent
/// but not lost. If only the supervisor is stopped, the command is unsupervised.
bool is_suspended(const RunningAttempt& attempt) {
    return attempt.supervisor && is_stopped(*attempt.supervisor)
           && (!attempt.process || is_stopped(*attempt.process));
}

LeaseVerdict verdict_on(const RunningAttempt& attempt, const ClockReading& now) {
    const LeaseVerdict verdict =
        judge_lease(attempt.lease_until, attempt.suspect, executor_of(attempt), now);
    return verdict != LeaseVerdict::leave && is_suspended(attempt) ? LeaseVerdict::leave : verdict;
}

/// One pass over the ledger.
class GarbageCollection {
  public:
    GarbageCollection(Store& store, LogStore& logs, const GcOptions& options)
        : store_(store), logs_(logs), options_(options), began_(store.read_clock()) {
        report_.dry_run = options.dry_run;
    }

    GcReport run() {
        reap();
        prune();
        remove_unknown_output();
        remove_unused_inputs();
        drop_tombstones();
        report_.workers_removed = deregister_gone_workers(store_, options_.dry_run);
        check_workers();
        if (!options_.dry_run) {
            start_owed_hooks(store_, options_.on_end);
            ensure_workers();
            if (!time_is_up()) store_.optimize();
        }
        return report_;
    }

  private:
    bool time_is_up() {
        if (!options_.time_limit || elapsed(began_, store_.read_clock()) < *options_.time_limit)
            return false;
        report_.complete = false;
        return true;
    }

    void reap() {
        for (const RunningAttempt& attempt : store_.running_attempts()) {
            if (time_is_up()) return;
            report_.count(reap_if_lost(store_, logs_, attempt, options_));
        }
    }

    void prune() {
        if (options_.dry_run) {
            report_.pruned = store_.count_prunable(options_.retention);
            return;
        }
        while (!time_is_up()) {
            const ClockReading start = store_.read_clock();
            const auto pruned = store_.prune(options_.retention, kBatch);
            if (pruned.empty()) return;
            const ClockReading end = store_.read_clock();
            report_.pruned += static_cast<std::int64_t>(pruned.size());
            report_.logs_removed += logs_.remove(pruned);
            pause_after(elapsed(start, end), end);
        }
    }

    void remove_unknown_output() {
        int unremoved = 0;  // Only counted, in a dry run.
        const int removed = logs_.sweep([&](const LogEntry& output) {
            if (time_is_up()) return SweepVerdict::stop;
            if (!is_unknown(output)) return SweepVerdict::keep;
            if (!options_.dry_run) return SweepVerdict::remove;
            unremoved += output.parts;
            return SweepVerdict::keep;
        });
        report_.logs_removed += removed + unremoved;
    }

    bool is_unknown(const LogEntry& output) {
        if (store_.read_clock().time - output.written_at < kMinOrphanAge) return false;
        return !store_.get(JobRef::of(output.job_id), everybody(options_), Detail::summary);
    }

    void remove_unused_inputs() {
        for (const InputEntry& input : logs_.input().list()) {
            if (time_is_up()) return;
            if (is_in_use(input)) continue;
            if (options_.dry_run || logs_.input().remove(input.job_id, input.attempt))
                ++report_.logs_removed;
        }
    }

    /// Whether the input belongs to a running attempt. It is created after the attempt has started
    /// and removed before it ends.
    bool is_in_use(const InputEntry& input) {
        const auto job = store_.get(JobRef::of(input.job_id), everybody(options_), Detail::summary);
        return job && job->status == Status::running && job->attempt == input.attempt;
    }

    void drop_tombstones() {
        while (!options_.dry_run && !time_is_up()) {
            const ClockReading start = store_.read_clock();
            const int dropped = store_.drop_tombstones(kTombstones);
            if (dropped == 0) return;
            const ClockReading end = store_.read_clock();
            report_.tombstones_dropped += dropped;
            pause_after(elapsed(start, end), end);
        }
    }

    void check_workers() {
        const Time now = store_.read_clock().time;
        for (const Worker& worker : store_.workers())
            if (is_silent(worker, now)) report_.silent_workers.push_back(worker);
        report_.unserved = count_unserved(store_);
    }

    void ensure_workers() {
        const EnsuredWorker ensured = ensure_worker(store_, options_.worker);
        report_.worker_refused = ensured.refused;
        report_.worker_started = ensured.started;
        report_.worker_ends_at_logout = ensured.ends_at_logout;
        report_.worker_error = ensured.last_error;
        if (ensured.started) report_.unserved = 0;
    }

    /// Leaves the ledger alone for as long as the last step took, which ended at `since`. The
    /// write lock is fair, but a writer that comes often would still wait for every second batch.
    void pause_after(milliseconds step, const ClockReading& since) {
        const milliseconds rest = std::min(step, kMaxPause) - elapsed(since, store_.read_clock());
        if (rest > milliseconds{0}) ::poll(nullptr, 0, static_cast<int>(rest.count()));
    }

    Store& store_;
    LogStore& logs_;
    const GcOptions& options_;
    ClockReading began_;
    GcReport report_;
};

}  // namespace

void GcReport::count(Reaped outcome) {
    if (outcome == Reaped::suspect) ++suspects;
    if (outcome == Reaped::ended || outcome == Reaped::requeued) ++reaped;
    if (outcome == Reaped::requeued) ++requeued;
}

GcReport collect_garbage(Store& store, LogStore& logs, const GcOptions& options) {
    return GarbageCollection{store, logs, options}.run();
}

int deregister_gone_workers(Store& store, bool dry_run) {
    int gone = 0;
    const Time now = store.read_clock().time;
    for (const Worker& worker : store.workers()) {
        const Liveness process = liveness_of(worker.is.process);
        const bool silent = now - worker.heartbeat_at > kWorkerSilence;
        if (process == Liveness::alive || (process == Liveness::unknown && !silent)) continue;
        if (!dry_run) store.unregister_worker(worker.id);
        ++gone;
    }
    return gone;
}

void reap_lost(Store& store, LogStore& logs, const GcOptions& options, GcReport& report) {
    for (const RunningAttempt& attempt : store.running_attempts())
        report.count(reap_if_lost(store, logs, attempt, options));
}

bool may_be_lost(const RunningAttempt& attempt, const ClockReading& now) {
    return verdict_on(attempt, now) != LeaseVerdict::leave;
}

Reaped reap_if_lost(
    Store& store, LogStore& logs, const RunningAttempt& attempt, const GcOptions& options) {
    const LeaseVerdict verdict = verdict_on(attempt, store.read_clock());
    if (verdict == LeaseVerdict::leave) return Reaped::no;
    if (verdict == LeaseVerdict::mark_suspect) {
        const bool marked = options.dry_run || store.mark_suspect(attempt.key);
        return marked ? Reaped::suspect : Reaped::no;
    }
    const bool silent = verdict == LeaseVerdict::reap_silent;
    // Checked again right before acting, as this process may have been stopped since it read the
    // attempt. `allow_reaped`: also true if another process has reaped it, as its orphans may
    // still be running.
    const auto is_lost = [&](bool allow_reaped) {
        const auto job =
            store.get(JobRef::of(attempt.key.job_id), everybody(options), Detail::full);
        if (!job) return allow_reaped;
        if (job->status != Status::running)
            return allow_reaped && job->reason == Reason::worker_lost;
        return has_attempt(*job, attempt) && (!silent || is_still_suspect(*job, attempt));
    };
    if (!is_lost(false)) return Reaped::no;
    if (options.dry_run) return Reaped::ended;
    const bool adopted =
        attempt.supervisor && options.was_child && options.was_child(*attempt.supervisor);
    terminate_orphans(attempt, {options.ledger.owner(), adopted}, [&] { return is_lost(true); });
    const auto finished = store.reap(
        attempt.key, silent ? ReapGround::silent : ReapGround::executor_gone, options.actor);
    if (!finished) return Reaped::no;
    // The supervisor did not live to remove it.
    if (attempt.key.attempt) logs.input().remove(attempt.key.job_id, *attempt.key.attempt);
    start_owed_hooks(store, options.on_end);
    return finished->status == Status::queued ? Reaped::requeued : Reaped::ended;
}

bool runs_under(Store& store, const std::vector<pid_t>& pids) {
    const ProcessIdentity self = current_process();
    return std::ranges::any_of(store.running_attempts(), [&](const RunningAttempt& attempt) {
        const auto& supervisor = attempt.supervisor;
        return supervisor && supervisor->boot_id == self.boot_id
               && supervisor->pid_namespace == self.pid_namespace
               && std::ranges::count(pids, supervisor->pid) > 0;
    });
}

}  // namespace atlasjob
