#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/start_job.h"
#include "mcp/tools/tools.h"

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Runs an ended background job again as a new attempt with the same job_id, command, environment and directory. Returns once the job is durably queued.
WHEN TO USE: a job failed or was cancelled, and the cause is fixed (get_job, get_job_output). WHEN NOT: for another command use submit_job; a queued or running job cannot be retried.
Clears result and error; get_job_output still has the earlier output (attempt). THEN use wait_for_job; cancel_job, if listed, cancels it.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd =
    R"(}, "required": ["job_id"], "additionalProperties": false})";

ToolAnswer retry_job(const ToolContext& context, const JobIdArgs& args) {
    const FoundJob found = find_job(context, args.job_id, Detail::summary, JobNames::seq);
    if (!found.job) return context.contract.refuse(context, found.refused);
    retry(context, *found.job);
    Job queued{found.job->job_id};
    queued.updated_at = context.clock.now();
    return ToolResult{.text = envelope_json(context, queued), .structured = true};
}

}  // namespace

constinit const Tool kRetryJob = {
    .name = "retry_job",
    .title = "Run a job again",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kChangedJobArgument, kInputEnd>::kText,
    .output_schema = kStartSchema,
    .hints = {.read_only = false, .destructive = true, .idempotent = false, .open_world = true},
    .needs = RequiredPermission::retry,
    .function = kBound<retry_job>,
};

}  // namespace atlasjob::mcp
