#include "mcp/jobs/show_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Returns everything about one background job: status, progress, times, attempts, command, labels, result, why it failed and, if it did, its last lines of output (log_tail). Read-only and instant.
WHEN TO USE: to find out why a job failed. WHEN NOT: for its status alone use get_job_status; to wait for its end wait_for_job; for more output get_job_output; to find a job list_jobs. cancel_job cancels it and retry_job runs it again, if listed.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd =
    R"(}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kMembers =
    Joined<kJobIdMember, kComma, kStatusMember, kComma, kLogTailMember, kComma, kPollingMembers>::
        kText;
constexpr std::string_view kOwnNames = R"("job_id", "status", "log_tail", )";
constexpr std::string_view kNames = Joined<kOwnNames, kPollingNames>::kText;

ToolAnswer get_job(const ToolContext& context, const JobIdArgs& args) {
    const FoundJob found = find_job(context, args.job_id, Detail::full, JobNames::seq_or_last);
    if (!found.job) return context.contract.refuse(context, found.refused);
    return ToolResult{.text = job_detail_json(context, *found.job), .structured = true};
}

}  // namespace

constinit const Tool kGetJob = {
    .name = "get_job",
    .title = "Get a whole job",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .function = kBound<get_job>,
};

}  // namespace atlasjob::mcp
