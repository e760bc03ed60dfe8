#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker edit(
    const Deps& deps, const Job& job, const JobEdit& edit, const std::function<void()>& committed) {
    deps.store.edit(job.job_id, edit, deps.actor);
    if (committed) committed();
    return ensure(deps, edit.queue.value_or(job.queue));
}

}  // namespace atlasjob::jobs
