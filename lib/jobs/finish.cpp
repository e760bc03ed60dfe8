#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker start(const Deps& deps, const Job& job) {
    if (job.held) return retry(deps, job);
    deps.store.start(job.job_id, deps.actor, deps.clock.now());
    return {};
}

std::optional<HeartbeatReply> report(
    const Deps& deps, const AttemptKey& attempt, const Report& report) {
    return deps.store.report(attempt, report, deps.clock.now());
}

std::optional<Finished> finish(
    const Deps& deps, const AttemptKey& attempt, const Outcome& outcome) {
    const auto finished = deps.store.finish(attempt, outcome, deps.actor, deps.clock.now());
    if (finished) start_hooks(deps);
    return finished;
}

}  // namespace atlasjob::jobs
