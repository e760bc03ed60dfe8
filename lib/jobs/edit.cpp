#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker edit(const Deps& deps, const Job& job, const JobEdit& edit) {
    deps.store.edit(job.job_id, edit, deps.actor, deps.clock.now());
    return ensure_worker(deps.store, deps.clock, deps.worker, edit.queue.value_or(job.queue));
}

}  // namespace atlasjob::jobs
