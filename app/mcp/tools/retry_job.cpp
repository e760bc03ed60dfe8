#include "mcp/jobs/cancel.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/start_job.h"
#include "mcp/tools/tools.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view kDescription =
    R"(Runs an ended background job again: the same job_id, command, environment and directory, as one more attempt. Answers at once, when the job is durably queued again.
WHEN TO USE: a job ended in error or was cancelled, the cause is fixed (see get_job, get_job_output), and the same command should run again. WHEN NOT: with another command or other arguments use submit_job or the action that made it; a job that is queued or running cannot be retried, and one with retries left is queued again by itself.
RETURNS {job_id, status_uri, status, next_poll_seconds}; status is queued. result, error and ended_at of the attempt before are no longer shown; its output stays: get_job_output with attempt.
THEN: wait_for_job waits for its end; or ask get_job_status after next_poll_seconds; cancel_job ends it (where this server lists it).
ERROR MODES, in a normal result as {"error": ...}: authentication_missing (the server acts for nobody); invalid_parameter (malformed job_id); job_not_found (no such job, somebody else's, or expired: do not guess other ids). With isError true and nothing changed: a job that has not ended, whose key another active job has, or which waited for one that did not end well; arguments that do not fit; a ledger that cannot be written now.
RETENTION: counts anew from the new end: done and cancelled jobs are kept 7 days, failed ones 30, unless their owner chose otherwise.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd =
    R"(}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kMembers = R"(
    "job_id": {"type": "string"},
    "status_uri": {"type": "string"},
    "status": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]},
    "next_poll_seconds": {"type": "integer", "minimum": 1})";
constexpr std::string_view kNames = R"("job_id", "status_uri", "status", "next_poll_seconds")";

ToolAnswer retry_job(const ToolContext& context, const Tool& /*tool*/, const json& arguments) {
    const auto& given_id = arguments.at("job_id").get_ref<const std::string&>();
    const FoundJob found = find_job(context, given_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const Time now = context.clock.now();
    context.ledger.write(
        [&](Store& store) { store.retry(found.job->job_id, context.principal->name, now); });
    ensure_worker(context, found.job->queue);
    Job queued{found.job->job_id};
    queued.updated_at = now;
    return ToolResult{.text = envelope_json(context, queued), .structured = true};
}

}  // namespace

constinit const Tool kRetryJob = {
    .name = "retry_job",
    .title = "Run a job again",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobIdArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = false, .destructive = true, .idempotent = false, .open_world = true},
    .needs = RequiredPermission::retry,
    .call = retry_job,
};

}  // namespace atlasjob::mcp
