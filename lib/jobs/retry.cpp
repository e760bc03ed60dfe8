#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker retry(const Deps& deps, const Job& job, const std::function<void()>& committed) {
    prepare_worker(deps);
    deps.store.retry(job.job_id, deps.actor);
    if (committed) committed();
    return ensure(deps, job.queue);
}

}  // namespace atlasjob::jobs
