#include "mcp/contracts/cidx.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"
#include "view/json_object.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr std::string_view kStatisticsDescription =
    R"(Count your background jobs. Read-only and instant.
WHEN TO USE: for an overview. WHEN NOT: for one job use get_job_details.
OUTPUT: {success, statistics: {active (running), pending (waiting to start), failed, total (their sum: completed and cancelled jobs are not counted)}}. Only your own jobs; expired jobs are not counted (failed jobs are kept 30 days, unless their owner chose otherwise).
ERRORS, as {success: false, error}: why the ledger cannot be read now.)";

constexpr std::string_view kStatisticsInput = R"({"type": "object", "properties": {}})";

constexpr std::string_view kStatisticsOutput = R"({
    "type": "object",
    "properties": {
        "success": {"type": "boolean", "description": "Whether the operation succeeded"},
        "statistics": {
            "type": "object",
            "properties": {
                "active": {"type": "integer", "description": "Running jobs"},
                "pending": {"type": "integer", "description": "Jobs waiting to start"},
                "failed": {"type": "integer", "description": "Jobs that failed"},
                "total": {"type": "integer", "description": "The sum of the three"}
            }
        },
        "error": {"type": "string", "description": "Error message if operation failed"}
    },
    "required": ["success"]
})";

constexpr std::string_view kCancelDescription =
    R"(Cancel a background job of yours: one that waits never starts; one that runs is asked to stop (SIGTERM) and ended if it does not, with everything it started.
WHEN TO USE: when the user wants the work ended. WHEN NOT: to see how a job is doing use get_job_details. It cannot be undone.
OUTPUT: {success, message}. Success: "Job cancelled successfully"; the status becomes cancelled once the processes are gone, usually at once (ask get_job_details), whatever they exit with.
ERRORS, with success false: "Job not found or not authorized" (no such job, somebody else's, or one that has expired: do not guess other ids); "Cannot cancel job in X status" (it has ended); "job_id is required"; else why the ledger cannot be written now.)";

constexpr std::string_view kCancelInput = R"json({
    "type": "object",
    "properties": {
        "job_id": {"type": "string", "description": "The unique identifier of the job to cancel (UUID format)"}
    },
    "required": ["job_id"]
})json";

constexpr std::string_view kCancelOutput = R"({
    "type": "object",
    "properties": {
        "success": {"type": "boolean", "description": "Whether the operation succeeded"},
        "message": {"type": "string", "description": "What was done, or why nothing was"},
        "error": {"type": "string", "description": "Error message if operation failed"}
    },
    "required": ["success"]
})";

struct Totals {
    std::int64_t active = 0;
    std::int64_t pending = 0;
    std::int64_t failed = 0;
};

Totals totals_of(const std::vector<Count>& counts) {
    Totals totals;
    for (const Count& count : counts) {
        if (count.status == Status::running) totals.active += count.jobs;
        if (count.status == Status::queued) totals.pending += count.jobs;
        if (count.status == Status::error) totals.failed += count.jobs;
    }
    return totals;
}

ToolAnswer get_job_statistics(const ToolContext& context) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    const Totals totals = totals_of(context.ledger.read_or(
        std::vector<Count>{}, [&](Store& store) { return store.count(*context.principal); }));
    ToolResult result;
    {
        JsonObject answer{result.text};
        answer.flag("success", true);
        JsonObject statistics{answer.member("statistics")};
        statistics.integer("active", totals.active);
        statistics.integer("pending", totals.pending);
        statistics.integer("failed", totals.failed);
        statistics.integer("total", totals.active + totals.pending + totals.failed);
    }
    result.structured = true;
    result.indented = true;
    return result;
}

ToolResult not_cancelled(std::string_view why) {
    return cidx_answer(false, "message", why);
}

ToolAnswer cancel_job(const ToolContext& context, const JobIdArgs& args) {
    if (args.job_id.empty()) return not_cancelled(kCidxCancelMissing);
    const FoundJob found = find_job(context, args.job_id);
    if (found.refused.why == Refusal::no_principal)
        return context.contract.refuse(context, found.refused);
    if (!found.job) return not_cancelled(kCidxCancelNotFound);
    const CancelRequest request{context.principal->name, {}, {}};
    if (request_cancel(context, found.job->job_id, request) != CancelResult::already_terminal)
        return cidx_answer(true, "message", "Job cancelled successfully");
    const FoundJob ended = find_job(context, args.job_id);
    if (!ended.job) return not_cancelled(kCidxCancelNotFound);
    return not_cancelled(
        fmt::format("Cannot cancel job in {} status", context.contract.status_name(*ended.job)));
}

}  // namespace

constinit const Tool kCidxGetJobStatistics = {
    .name = "get_job_statistics",
    .title = "Get job statistics",
    .description = kStatisticsDescription,
    .input_schema = kStatisticsInput,
    .output_schema = kStatisticsOutput,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .function = kBound<get_job_statistics>,
};

constinit const Tool kCidxCancelJob = {
    .name = "cancel_job",
    .title = "Cancel job",
    .description = kCancelDescription,
    .input_schema = kCancelInput,
    .output_schema = kCancelOutput,
    .hints = {.read_only = false, .destructive = true, .idempotent = true, .open_world = false},
    .needs = RequiredPermission::cancel,
    .function = kBound<cancel_job>,
};

}  // namespace atlasjob::mcp
