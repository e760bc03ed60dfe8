#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

EnsuredWorker start(const Deps& deps, const Job& job) {
    if (job.held) return retry(deps, job);
    deps.store.start(job.job_id, deps.actor);
    return {};
}

std::optional<HeartbeatReply> heartbeat(const Deps& deps, const AttemptKey& attempt) {
    return deps.store.heartbeat(attempt, 0);
}

std::optional<HeartbeatReply> report(
    const Deps& deps, const AttemptKey& attempt, const Report& report) {
    return deps.store.report(attempt, report);
}

std::optional<Finished> finish(
    const Deps& deps, const AttemptKey& attempt, const Outcome& outcome) {
    const auto finished = deps.store.finish(attempt, outcome, deps.actor);
    if (finished) start_hooks(deps);
    return finished;
}

}  // namespace atlasjob::jobs
