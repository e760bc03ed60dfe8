#include "base/error.h"
#include "jobs/jobs.h"

#include <fmt/format.h>

namespace atlasjob::jobs {

namespace {

[[noreturn]] void refuse_active(const NewJob& job, const Submitted& active) {
    throw Error(
        ErrorCode::refused,
        fmt::format("the key \"{}\" belongs to job {}, which is active", *job.key, active.seq),
        "wait for that job to end, or cancel it");
}

}  // namespace

RunResult run(const Deps& deps, const NewJob& job, const SuperviseOptions& options) {
    RunResult result{submit(deps, job).submitted, {}};
    if (!result.submitted.created) refuse_active(job, result.submitted);
    const Attempt attempt{
        AttemptKey{result.submitted.job_id, 1, result.submitted.fence}, job.owner, *job.command,
        job.timeout, result.submitted.seq};
    result.supervised = supervise(deps.store, deps.clock, attempt, options);
    const auto& finished = result.supervised.finished;
    if (!finished || !may_start_on_end(attempt.command, finished->status)) return result;
    start_owed_hooks(deps.store, deps.clock, deps.on_end);
    if (attempt.command.on_end) result.hook_refused = deps.store.why_untrusted();
    return result;
}

}  // namespace atlasjob::jobs
