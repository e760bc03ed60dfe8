#include "runner/maintenance/gc.h"

#include "base/error.h"
#include "logs/log_files.h"
#include "logs/log_folder.h"
#include "process/identity.h"
#include "runner/maintenance/orphans.h"

#include <unistd.h>

#include <algorithm>

namespace atlasjob {

namespace {

/// Rows per step, so that other writers wait only a few milliseconds.
constexpr int kBatch = 500;

/// A log file may exist before its job is visible to this process, but not for an hour.
constexpr milliseconds kMinOrphanAge = std::chrono::hours{1};

Principal everybody(const GcOptions& options) {
    return {options.actor, true};
}

Liveness executor_of(const RunningAttempt& attempt) {
    return attempt.supervisor ? liveness_of(*attempt.supervisor) : Liveness::unknown;
}

bool is_silent(const Job& job, Time now) {
    return judge_lease(job.lease_until, job.suspect_at, Liveness::unknown, now)
           == LeaseVerdict::reap_silent;
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

LeaseVerdict verdict_on(const RunningAttempt& attempt, Time now) {
    const LeaseVerdict verdict =
        judge_lease(attempt.lease_until, attempt.suspect_at, executor_of(attempt), now);
    return verdict != LeaseVerdict::leave && is_suspended(attempt) ? LeaseVerdict::leave : verdict;
}

/// Removes the input FIFO, which the supervisor did not live to remove.
void remove_input(const GcOptions& options, const AttemptKey& key) {
    if (key.attempt) remove_log_file(input_path(options.logs_root, key.job_id, *key.attempt));
}

/// The result of `list`; empty if a folder fails the checks of log_folder.h. Such a folder is left
/// alone, and doctor reports it.
template <class List>
auto list_or_empty(List list) {
    try {
        return list();
    } catch (const Error&) {
        return decltype(list()){};
    }
}

/// One pass over the ledger.
class GarbageCollection {
  public:
    GarbageCollection(Store& store, const Clock& clock, const GcOptions& options)
        : store_(store), clock_(clock), options_(options), began_(clock.now()) {
        report_.dry_run = options.dry_run;
    }

    GcReport run() {
        reap();
        prune();
        remove_leftover_files();
        drop_tombstones();
        report_.workers_removed = deregister_gone_workers(store_, clock_.now(), options_.dry_run);
        if (!options_.dry_run) {
            start_owed_hooks(store_, clock_, options_.on_end);
            report_.worker_refused = ensure_worker(store_, clock_, options_.worker).refused;
            if (!time_is_up()) store_.optimize();
        }
        return report_;
    }

  private:
    bool time_is_up() {
        if (!options_.time_limit || clock_.now() - began_ < *options_.time_limit) return false;
        report_.complete = false;
        return true;
    }

    void reap() {
        for (const RunningAttempt& attempt : store_.running_attempts()) {
            if (time_is_up()) return;
            reap_if_lost(store_, attempt, clock_, options_, report_);
        }
    }

    void prune() {
        if (options_.dry_run) {
            report_.pruned = store_.count_prunable(options_.retention, clock_.now());
            return;
        }
        while (!time_is_up()) {
            const auto pruned = store_.prune(options_.retention, kBatch, clock_.now());
            if (pruned.empty()) return;
            report_.pruned += static_cast<std::int64_t>(pruned.size());
            for (const PrunedJob& job : pruned)
                report_.logs_removed += remove_logs(options_.logs_root, job.job_id, job.attempts);
        }
    }

    void remove_leftover_files() {
        for (const auto& directory :
             list_or_empty([&] { return log_directories(options_.logs_root); })) {
            for (const LogFile& file : list_or_empty([&] { return log_files_in(directory); })) {
                if (time_is_up()) return;
                if (is_unknown(file)) remove(file);
            }
            for (const LogFile& pipe : list_or_empty([&] { return input_pipes_in(directory); }))
                if (!is_in_use(pipe)) remove(pipe);
        }
    }

    void remove(const LogFile& file) {
        if (options_.dry_run || remove_log_file(file.path)) ++report_.logs_removed;
    }

    /// Whether the FIFO belongs to a running attempt. It is created after the attempt has started
    /// and removed before it ends.
    bool is_in_use(const LogFile& pipe) {
        const auto job = store_.get(JobRef::of(pipe.job_id), everybody(options_), Detail::summary);
        return job && job->status == Status::running && job->attempt == pipe.attempt;
    }

    bool is_unknown(const LogFile& file) {
        if (clock_.now() - file.modified_at < kMinOrphanAge) return false;
        return !store_.get(JobRef::of(file.job_id), everybody(options_), Detail::summary);
    }

    void drop_tombstones() {
        while (!options_.dry_run && !time_is_up()) {
            const int dropped = store_.drop_tombstones(kBatch, clock_.now());
            if (dropped == 0) return;
            report_.tombstones_dropped += dropped;
        }
    }

    Store& store_;
    const Clock& clock_;
    const GcOptions& options_;
    Time began_;
    GcReport report_;
};

}  // namespace

GcReport collect_garbage(Store& store, const Clock& clock, const GcOptions& options) {
    return GarbageCollection{store, clock, options}.run();
}

int deregister_gone_workers(Store& store, Time now, bool dry_run) {
    int gone = 0;
    for (const Worker& worker : store.workers()) {
        const Liveness process = liveness_of(worker.is.process);
        const bool silent = now - worker.heartbeat_at > kLease + kSuspectSilence;
        if (process == Liveness::alive || (process == Liveness::unknown && !silent)) continue;
        if (!dry_run) store.unregister_worker(worker.id);
        ++gone;
    }
    return gone;
}

void reap_lost(Store& store, const Clock& clock, const GcOptions& options, GcReport& report) {
    for (const RunningAttempt& attempt : store.running_attempts())
        reap_if_lost(store, attempt, clock, options, report);
}

bool may_be_lost(const RunningAttempt& attempt, Time now) {
    return verdict_on(attempt, now) != LeaseVerdict::leave;
}

void reap_if_lost(
    Store& store,
    const RunningAttempt& attempt,
    const Clock& clock,
    const GcOptions& options,
    GcReport& report) {
    const LeaseVerdict verdict = verdict_on(attempt, clock.now());
    if (verdict == LeaseVerdict::leave) return;
    if (verdict == LeaseVerdict::mark_suspect) {
        const bool marked = options.dry_run || store.mark_suspect(attempt.key, clock.now());
        if (marked) ++report.suspects;
        return;
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
        return has_attempt(*job, attempt) && (!silent || is_silent(*job, clock.now()));
    };
    if (!is_lost(false)) return;
    if (options.dry_run) {
        ++report.reaped;
        return;
    }
    terminate_orphans(attempt, ledger_owner(options.logs_root).uid, [&] { return is_lost(true); });
    const auto finished = store.reap(
        attempt.key, silent ? ReapGround::silent : ReapGround::executor_gone, options.actor,
        clock.now());
    if (!finished) return;
    remove_input(options, attempt.key);
    ++report.reaped;
    if (finished->status == Status::queued) ++report.requeued;
    start_owed_hooks(store, clock, options.on_end);
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
