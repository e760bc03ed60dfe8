#include "mcp/jobs/show_job.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view kDescription =
    R"(Tells everything about one background job: status, progress with phase and message, times, attempts, command, directory, labels, queue, result, why it failed (error, error_code, exit_code, signal) and, when the status is error, the last lines of its output (log_tail). Read-only and instant.
WHEN TO USE: a job failed and you want to know why; you need its command, labels, attempt or message. WHEN NOT: to learn only whether it is over use get_job_status (small); to wait for its end use wait_for_job, which costs one call instead of many polls; for more of its output use get_job_output; to find a job use list_jobs.
POLLING: while continue_polling is true ask again after next_poll_seconds at the earliest; it grows with the job's age. Stop once it is false: status is then done, error or cancelled.
RELATED: jobs are started by submit_job, by tools made from an actions file, or by `atlasjob submit` in a shell; cancel_job ends one, retry_job runs an ended one again (where this server lists them).
ERROR MODES, in a normal result as {"error": ...}: authentication_missing (the server acts for nobody); invalid_parameter (job_id is not 1-128 characters of A-Z a-z 0-9 _ : -); job_not_found (no such job, somebody else's, or expired: do not guess other ids). With isError true: arguments that do not fit the schema, or a ledger that cannot be read now, which says nothing about the job.
RETENTION: done and cancelled jobs are kept 7 days, failed ones 30, unless their owner chose otherwise; expires_at tells.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd =
    R"(}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kMembers =
    Joined<kJobMembers, kComma, kLogTailMember, kComma, kPollingMembers>::kText;
constexpr std::string_view kLogTailName = R"("log_tail")";
constexpr std::string_view kNames =
    Joined<kJobNames, kComma, kLogTailName, kComma, kPollingNames>::kText;

ToolAnswer get_job(const ToolContext& context, const Tool& /*tool*/, const json& arguments) {
    const auto& given_id = arguments.at("job_id").get_ref<const std::string&>();
    const FoundJob found = find_job(context, given_id, Detail::full);
    if (!found.job) return context.contract.refuse(context, found.refused);
    return ToolResult{.text = whole_job_json(context, *found.job), .structured = true};
}

}  // namespace

constinit const Tool kGetJob = {
    .name = "get_job",
    .title = "Get a whole job",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobIdArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .call = get_job,
};

}  // namespace atlasjob::mcp
