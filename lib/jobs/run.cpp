#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

RunResult run(
    const Deps& deps,
    const NewJob& job,
    const SuperviseOptions& options,
    const std::function<void(const Submitted&)>& committed) {
    RunResult result{submit(deps, job, committed).submitted, {}};
    if (!result.submitted.created) return result;
    const Attempt attempt{
        AttemptKey{result.submitted.job_id, 1, result.submitted.fence}, job.owner, *job.command,
        job.timeout, result.submitted.seq};
    result.supervised = supervise(deps.store, deps.logs, deps.clock, attempt, options);
    const auto& finished = result.supervised.finished;
    if (!finished || !may_start_on_end(attempt.command, finished->status)) return result;
    start_hooks(deps);
    if (attempt.command.on_end) result.hook_refused = deps.store.why_untrusted();
    return result;
}

}  // namespace atlasjob::jobs
