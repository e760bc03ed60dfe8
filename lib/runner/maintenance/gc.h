#pragma once

#include "base/clock.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/worker/ensure_worker.h"

#include <sys/types.h>

#include <vector>

namespace atlasjob {

struct GcOptions {
    std::string logs_root;
    std::string actor;  ///< Who takes jobs back, for their history.
    Retention retention;
    bool dry_run = false;  ///< Counts, and changes nothing.
    /// Stops between two steps once so much time has passed; a further pass goes on from there.
    std::optional<milliseconds> time_limit;
    OnEnd on_end = {};           ///< What runs when jobs have ended: those taken back, others too.
    OnDemandWorker worker = {};  ///< Started where runnable jobs have none.
};

/// What a pass did, or with dry_run would do.
struct GcReport {
    int reaped = 0;    ///< Attempts taken back from the dead,
    int requeued = 0;  ///< of which the job is queued again.
    int suspects = 0;  ///< Attempts found silent, to be looked at again.
    std::int64_t pruned = 0;
    /// Files; of pruned jobs (not counted by dry_run) and of unknown ones, and the standard input
    /// of attempts that are over.
    int logs_removed = 0;
    int tombstones_dropped = 0;  ///< Not counted by dry_run.
    int workers_removed = 0;     ///< Entries of workers that are gone.
    bool complete = true;        ///< False: the time limit came first.
    bool dry_run = false;
    /// Why jobs that wait for a worker get none from here (EnsuredWorker::refused).
    std::optional<Error> worker_refused = std::nullopt;

    bool did_nothing() const {
        return reaped + suspects + logs_removed + tombstones_dropped + workers_removed == 0
               && pruned == 0;
    }
};

/// One pass of upkeep over the whole ledger: reap, prune, tidy. Each step is short at the write
/// gate, so that nobody waits long; safe beside everything else, and to be repeated.
GcReport collect_garbage(Store& store, const Clock& clock, const GcOptions& options);

/// The first duty alone: takes back running attempts whose executor is provably gone, or has been
/// suspect and silent for long enough. What the command left running is ended before its row is.
void reap_lost(Store& store, const Clock& clock, const GcOptions& options, GcReport& report);

/// Strikes out the workers that are provably gone, and those that nobody here can judge and that
/// have been silent for as long as an attempt may be: one that lives enters itself again. Returns
/// how many; with dry_run only counts.
int deregister_gone_workers(Store& store, Time now, bool dry_run = false);

/// Whether an attempt runs under one of these processes, of this boot and pid namespace.
bool runs_under(Store& store, const std::vector<pid_t>& pids);

/// Whether reap_lost may have something to do about the attempt: for those who only read, and
/// often.
bool may_be_lost(const RunningAttempt& attempt, Time now);

/// The same as reap_lost for one attempt, for whoever watches a single job. `attempt` as
/// running_attempts() gave it just now.
void reap_if_lost(
    Store& store,
    const RunningAttempt& attempt,
    const Clock& clock,
    const GcOptions& options,
    GcReport& report);

}  // namespace atlasjob
