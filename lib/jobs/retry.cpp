#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker retry(const Deps& deps, const Job& job, const std::function<void()>& committed) {
    // It has those of its first submitter, whoever retries it.
    EnsuredWorker prepared = prepare_worker(deps, [&]() -> JobAttributes {
        const auto command = deps.store.command_of(job.job_id);
        if (!command || !command->attributes) return {};
        return {*command->attributes};
    });
    deps.store.retry(job.job_id, deps.actor);
    if (committed) committed();
    return merged(std::move(prepared), ensure(deps, job.queue));
}

}  // namespace atlasjob::jobs
