#include "mcp/contracts/contract.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/statistics.h"
#include "mcp/tools/tools.h"
#include "view/statistics.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view kDescription =
    R"(Counts your own background jobs: by status, queue and kind, with the oldest one that waits, how many ended in the last hour, and how long jobs took (p50, p95 of the newest 10,000, overall and by kind). Read-only and instant, however many jobs there are.
WHEN TO USE: to see at a glance whether anything is running or failing, whether queued jobs pile up (oldest_queued_at, by_queue), or how long a kind of job usually takes before you decide to wait for one. WHEN NOT: for a certain job use get_job_status or get_job; for the jobs themselves use list_jobs; to wait for one use wait_for_job.
POLLING: not needed; the counts do not tell which job changed.
RETURNS by_status (every status, 0 included), total, by_queue and by_kind (jobs of any status), counts (one row for each queue, kind and status there is), oldest_queued_at (UTC, null when none is due), throughput.ended_last_hour, durations (milliseconds; null where no job ran).
RELATED: submit_job, actions, or `atlasjob submit` in a shell start jobs; cancel_job ends one (where this server lists them).
ERROR MODES: {"error": "authentication_missing"} in a normal result (the server acts for nobody). With isError true: a ledger that cannot be read now, which says nothing about the jobs.
RETENTION: forgotten jobs are not counted: done and cancelled ones are kept 7 days, failed ones 30, unless their owner chose otherwise.)";

constexpr std::string_view kInputSchema =
    R"({"type": "object", "properties": {}, "additionalProperties": false})";

constexpr std::string_view kMembers = R"(
    "by_status": {"type": "object", "properties": {"queued": {"type": "integer"}, "running": {"type": "integer"}, "done": {"type": "integer"}, "error": {"type": "integer"}, "cancelled": {"type": "integer"}}, "required": ["queued", "running", "done", "error", "cancelled"], "additionalProperties": false},
    "total": {"type": "integer"},
    "by_queue": {"type": "object", "additionalProperties": {"type": "integer"}},
    "by_kind": {"type": "object", "additionalProperties": {"type": "integer"}},
    "counts": {"type": "array", "items": {"type": "object", "properties": {"queue": {"type": "string"}, "kind": {"type": "string"}, "status": {"type": "string"}, "jobs": {"type": "integer"}}, "required": ["queue", "kind", "status", "jobs"], "additionalProperties": false}},
    "oldest_queued_at": {"type": ["string", "null"], "description": "UTC"},
    "throughput": {"type": "object", "properties": {"ended_last_hour": {"type": "integer"}}, "required": ["ended_last_hour"]},
    "durations": {"type": ["object", "null"], "properties": {"jobs": {"type": "integer"}, "p50_ms": {"type": "integer"}, "p95_ms": {"type": "integer"}, "by_kind": {"type": "object", "additionalProperties": {"type": "object"}}}})";
constexpr std::string_view kNames =
    R"("by_status", "total", "by_queue", "by_kind", "counts", "oldest_queued_at", "throughput", "durations")";

ToolAnswer get_job_statistics(
    const ToolContext& context, const Tool& /*tool*/, const json& /*arguments*/) {
    if (!context.principal) return context.contract.refuse(context, {.why = Refusal::no_principal});
    return ToolResult{.text = own_statistics_json(context), .structured = true};
}

}  // namespace

std::string own_statistics_json(const ToolContext& context) {
    // Also an admin's own jobs only, as the tool says.
    const Principal own{context.principal->name, false};
    const Time now = context.clock.now();
    return view::statistics_json(context.ledger.read([&](Store& store) {
        return view::StatisticsPage{store.count(own), store.statistics(own, now), now};
    }));
}

constinit const Tool kGetJobStatistics = {
    .name = "get_job_statistics",
    .title = "Count your jobs",
    .description = kDescription,
    .input_schema = kInputSchema,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .call = get_job_statistics,
};

}  // namespace atlasjob::mcp
