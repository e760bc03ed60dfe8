#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker retry(const Deps& deps, const Job& job) {
    deps.store.retry(job.job_id, deps.actor, deps.clock.now());
    return ensure_worker(deps.store, deps.clock, deps.worker, job.queue);
}

}  // namespace atlasjob::jobs
