#include "base/error.h"
#include "base/json_text.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/start_job.h"
#include "mcp/tools/tools.h"
#include "view/json_object.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Runs an ended background job again as a new attempt with the same job_id, command, environment and directory. Returns once the job is durably queued.
WHEN TO USE: a job failed or was cancelled, and the cause is fixed (get_job, get_job_output). WHEN NOT: for another command use submit_job; a queued or running job cannot be retried.
Clears result and error; get_job_output still has the earlier output (attempt). THEN use wait_for_job; cancel_job, if listed, cancels it.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd =
    R"(, "dependents": {"type": "boolean", "default": false, "description": "Also the jobs cancelled because of it"}}, "required": ["job_id"], "additionalProperties": false})";

struct RetryJobArgs {
    std::string job_id;
    bool dependents = false;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("dependents", dependents);
    }
};

constexpr std::size_t kMaxIds = 20;

void append_ids(std::string& out, std::span<const JobId> ids) {
    view::append_json_array(
        out, ids.first(std::min(ids.size(), kMaxIds)),
        [](std::string& text, const JobId& id) { append_json_string(text, id.view()); });
}

/// The jobs that were cancelled because of this one: those that are queued again and the others,
/// the first of each and how many there are.
std::string dependents_json(const RetriedDependents& dependents) {
    std::string json;
    {
        view::JsonObject object{json};
        append_ids(object.member("retried"), dependents.retried);
        object.integer("retried_total", std::ssize(dependents.retried));
        append_ids(object.member("cancelled"), dependents.cancelled);
        object.integer("cancelled_total", std::ssize(dependents.cancelled));
    }
    return json;
}

/// An active job is not retried: says what to do instead in terms of these tools.
void require_ended(const Job& job) {
    if (is_terminal(job.status)) return;
    throw Error(
        ErrorCode::refused, fmt::format("job {} is {}", job.job_id.view(), to_string(job.status)),
        job.status == Status::queued
            ? "it will run by itself: wait for it with wait_for_job"
            : "wait for its end with wait_for_job, or stop it with cancel_job, if listed");
}

ToolAnswer retry_job(const ToolContext& context, const RetryJobArgs& args) {
    const FoundJob found = find_job(context, args.job_id, Detail::summary, JobNames::seq);
    if (!found.job) return context.contract.refuse(context, found.refused);
    if (!found.job->held) require_ended(*found.job);
    const RetriedDependents dependents = retry(context, *found.job, args.dependents);
    Job queued{found.job->job_id};
    queued.updated_at = context.clock.now();
    std::string answer = envelope_json(context, queued, dependents.note);
    if (!dependents.retried.empty() || !dependents.cancelled.empty())
        answer = with_member(std::move(answer), "dependents", dependents_json(dependents));
    const JobId& id = found.job->job_id;
    return ToolResult{
        .text = std::move(answer), .structured = true, .run = JobRun{id, latest_run(context, id)}};
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
    .task_support = TaskSupport::optional,
    .function = kBound<retry_job>,
};

}  // namespace atlasjob::mcp
