#include "jobs/jobs.h"
#include "logs/log_files.h"

namespace atlasjob::jobs {

PrunedJob remove(const Deps& deps, const JobId& id) {
    const PrunedJob removed = deps.store.remove(id, deps.clock.now());
    // The row goes first: a job that exists never lacks its output.
    remove_logs(deps.logs_root, removed.job_id, removed.attempts);
    return removed;
}

}  // namespace atlasjob::jobs
