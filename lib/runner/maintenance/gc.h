#pragma once

#include "ledger/log_store.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"

#include <sys/types.h>

#include <functional>
#include <vector>

namespace atlasjob {

struct GcOptions {
    LedgerAddress ledger;  ///< Orphans that root terminates must belong to its owner.
    std::string actor;     ///< Who reaps jobs, for their history.
    Retention retention;
    bool dry_run = false;  ///< Only count, change nothing.
    /// Stops between two steps after so much time; the next pass continues from there.
    std::optional<milliseconds> time_limit;
    OnEnd on_end = {};           ///< Hooks to start, of reaped jobs and any owed ones.
    OnDemandWorker worker = {};  ///< Started if runnable jobs have no worker.
    /// Whether a process was a child of this one, which is the subreaper of its descendants
    /// (OrphanSearch::adopted). Empty: none was.
    std::function<bool(const ProcessIdentity&)> was_child = {};
};

/// What reap_if_lost() did, or with dry_run would do.
enum class Reaped {
    no,
    suspect,   ///< The attempt is silent, and marked as suspect.
    ended,     ///< The attempt and its job ended.
    requeued,  ///< The attempt ended, and its job is queued again.
};

/// What a pass did, or with dry_run would do.
struct GcReport {
    int reaped = 0;    ///< Attempts.
    int requeued = 0;  ///< Reaped attempts whose job was queued again.
    int suspects = 0;  ///< Silent attempts, marked as suspect.
    std::int64_t pruned = 0;
    /// Parts of output removed (LogEntry::parts), of pruned jobs (not counted with dry_run) and of
    /// unknown ones, and inputs of ended attempts.
    int logs_removed = 0;
    int tombstones_dropped = 0;  ///< Not counted with dry_run.
    int workers_removed = 0;     ///< Rows of workers that are gone.
    bool complete = true;        ///< False if the time limit was reached.
    bool dry_run = false;
    /// EnsuredWorker::ends_at_logout.
    bool worker_ends_at_logout = false;
    /// Why no worker was started for runnable jobs (EnsuredWorker::refused).
    std::optional<Error> worker_refused = std::nullopt;
    bool worker_started = false;
    /// The error that the last worker ended with, if one was started (EnsuredWorker::last_error).
    std::optional<WorkerError> worker_error = std::nullopt;
    /// Workers whose process exists, but that give no sign of life (is_silent).
    std::vector<Worker> silent_workers = {};
    std::int64_t unserved = 0;  ///< Runnable jobs that have no worker after the pass.

    void count(Reaped outcome);
    [[nodiscard]] bool did_nothing() const {
        return reaped + suspects + logs_removed + tombstones_dropped + workers_removed == 0
               && pruned == 0 && !worker_started && silent_workers.empty();
    }
};

/// One maintenance pass over the whole ledger: reaps lost jobs, prunes expired ones, removes what
/// is left over. Holds the write lock only briefly in each step. Safe to run at any time, and to
/// repeat.
[[nodiscard]] GcReport collect_garbage(Store& store, LogStore& logs, const GcOptions& options);

/// Reaps running attempts whose executor is provably gone, or that are suspect and have been silent
/// for too long. Terminates the orphans of the command first.
void reap_lost(Store& store, LogStore& logs, const GcOptions& options, GcReport& report);

/// Removes the rows of workers that are provably gone, or that cannot be checked from here and have
/// been silent for as long as a lost attempt; a live worker registers again. Returns how many; with
/// dry_run only counts.
int deregister_gone_workers(Store& store, bool dry_run = false);

/// Whether one of these processes, of this boot and pid namespace, supervises an attempt.
[[nodiscard]] bool runs_under(Store& store, const std::vector<pid_t>& pids);

/// Whether reap_lost() may have to act on the attempt. Cheap and read-only.
[[nodiscard]] bool may_be_lost(const RunningAttempt& attempt, const ClockReading& now);

/// reap_lost() for one attempt, which must be a fresh result of running_attempts().
Reaped reap_if_lost(
    Store& store, LogStore& logs, const RunningAttempt& attempt, const GcOptions& options);

}  // namespace atlasjob
