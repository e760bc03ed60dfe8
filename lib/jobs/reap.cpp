#include "jobs/follow_up.h"
#include "jobs/jobs.h"
#include "runner/maintenance/gc.h"

namespace atlasjob::jobs {

ReapResult reap(const Deps& deps, const std::optional<JobId>& only) {
    GcOptions options;
    options.ledger = deps.worker.ledger;
    options.actor = deps.actor;
    options.on_end = deps.on_end;
    GcReport report;
    for (const RunningAttempt& attempt : deps.store.running_attempts()) {
        if (!only || attempt.key.job_id == *only)
            report.count(reap_if_lost(deps.store, deps.logs, attempt, options));
    }
    ReapResult result{report.reaped, report.requeued};
    if (report.requeued > 0) result.worker = ensure(deps);
    return result;
}

}  // namespace atlasjob::jobs
