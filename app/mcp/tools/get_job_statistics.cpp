#include "mcp/contracts/contract.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/statistics.h"
#include "mcp/tools/tools.h"
#include "view/statistics.h"

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Counts your background jobs by status, queue and kind, with the oldest queued job, the jobs that ended in the last hour and how long jobs took (p50 and p95 of the newest 10,000). Read-only and instant.
WHEN TO USE: to see whether jobs are running, failing or piling up, or how long a kind of job usually takes. WHEN NOT: for one job use get_job_status or get_job; for a list list_jobs.)";

constexpr std::string_view kInputSchema =
    R"({"type": "object", "properties": {}, "additionalProperties": false})";

constexpr std::string_view kMembers =
    R"("by_status": {"type": "object"}, "total": {"type": "integer"})";
constexpr std::string_view kNames = R"("by_status", "total")";

ToolAnswer get_job_statistics(const ToolContext& context) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    return ToolResult{.text = own_statistics_json(context), .structured = true};
}

}  // namespace

std::string own_statistics_json(const ToolContext& context) {
    // Even for an admin, the tool counts only the principal's own jobs.
    const Principal own{context.principal->name, false};
    return view::statistics_json(context.ledger.read_or(
        view::StatisticsPage{{}, {}, context.clock.now()}, [&](Store& store) {
            return view::StatisticsPage{
                store.count(own), store.statistics(own), store.read_clock().time};
        }));
}

constinit const Tool kGetJobStatistics = {
    .name = "get_job_statistics",
    .title = "Count your jobs",
    .description = kDescription,
    .input_schema = kInputSchema,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .function = kBound<get_job_statistics>,
};

}  // namespace atlasjob::mcp
