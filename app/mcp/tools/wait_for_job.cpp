#include "mcp/jobs/show_job.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr double kDefaultSeconds = 45;

constexpr std::string_view kDescription =
    R"(Waits until one background job has ended or the time is up, then answers with the whole job. Read-only: it starts and ends no job, and when the wait ends, by its timeout or because you cancel the call, the job goes on.
WHEN TO USE: a job is queued or running and you can do nothing useful before it ends: one call instead of many polls. Answers at once when the job has ended already. WHEN NOT: for a quick look use get_job_status; when other work is left, do that first.
RETURNS the job's members (as get_job has them) and: timed_out (true: it had not ended when the time was up; that is a normal result, not a failure), timeout_capped (true: timeout_seconds was more than this server allows and was cut), continue_polling, next_poll_seconds. After a timeout call again, as often as needed, while continue_polling is true. With a progress token the job's progress is sent meanwhile, at least every 10 s.
Hosts give up on calls by clocks of their own, often after 60 s: the default of 45 s stays below.
RELATED: submit_job, actions, or `atlasjob submit` in a shell start jobs; cancel_job ends one; get_job_output shows what it printed (where this server lists them).
ERROR MODES, in a normal result as {"error": ...}: authentication_missing (the server acts for nobody); invalid_parameter (malformed job_id); job_not_found (no such job, somebody else's, or expired: do not guess other ids). With isError true: arguments that do not fit the schema, or a ledger that cannot be read now, which says nothing about the job.
RETENTION: done and cancelled jobs are kept 7 days, failed ones 30, unless their owner chose otherwise.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "timeout_seconds": {"type": "number", "minimum": 0, "default": 45, "description": "How long to wait at most; the server may allow less"}
}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kWaitMembers = R"(
    "timed_out": {"type": "boolean", "description": "The time was up before the job had ended"},
    "timeout_capped": {"type": "boolean", "description": "timeout_seconds was more than this server allows"}, )";
constexpr std::string_view kMembers =
    Joined<kWaitMembers, kPollingMembers, kComma, kJobMembers, kComma, kLogTailMember>::kText;
constexpr std::string_view kWaitNames = R"("timed_out", "timeout_capped", "log_tail", )";
constexpr std::string_view kNames = Joined<kWaitNames, kPollingNames, kComma, kJobNames>::kText;

/// How a wait ended.
struct Waited {
    bool timed_out = false;
    bool capped = false;
};

ToolResult answer(const ToolContext& context, const Job& job, Waited waited) {
    ToolResult result;
    {
        view::JsonObject object{result.text};
        object.flag("timed_out", waited.timed_out);
        object.flag("timeout_capped", waited.capped);
        add_polling(object, job, context.clock.now());
        add_whole_job(object, context, job);
    }
    result.structured = true;
    return result;
}

ToolAnswer wait_for_job(const ToolContext& context, const Tool& /*tool*/, const json& arguments) {
    const auto& given_id = arguments.at("job_id").get_ref<const std::string&>();
    const FoundJob found = find_job(context, given_id, Detail::full);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const double wanted_ms = arguments.value("timeout_seconds", kDefaultSeconds) * 1000;
    const auto longest_ms = static_cast<double>(context.longest_wait.count());
    const bool capped = wanted_ms > longest_ms;
    const milliseconds limit{static_cast<std::int64_t>(std::min(wanted_ms, longest_ms))};
    const bool ended = is_terminal(found.job->status);
    if (ended || limit == milliseconds{0}) return answer(context, *found.job, {!ended, capped});
    return Wait{found.job->job_id, limit, [&context, capped](const Job& job, bool timed_out) {
                    return answer(context, job, {timed_out, capped});
                }};
}

}  // namespace

constinit const Tool kWaitForJob = {
    .name = "wait_for_job",
    .title = "Wait for a job to end",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobIdArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .call = wait_for_job,
};

}  // namespace atlasjob::mcp
