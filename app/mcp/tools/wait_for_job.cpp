#include "ledger/limits.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

#include <algorithm>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Waits until a background job ends or the timeout expires, then returns the whole job. Read-only: the job continues after a timeout or if you cancel the call.
WHEN TO USE: you can do nothing useful before the job ends. WHEN NOT: for a quick check use get_job_status.
timed_out: true is a normal result; call again while continue_polling is true. The default of 45 s (none as a task) stays below most hosts' call timeout. cancel_job, if listed, cancels the job.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "timeout_seconds": {"type": "number", "minimum": 0, "default": 45, "description": "The longest time to wait; the server may allow less"}
}, "required": ["job_id"], "additionalProperties": false})";

struct WaitForJobArgs {
    std::string job_id;
    std::optional<double> timeout_seconds;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("timeout_seconds", timeout_seconds);
    }
};

constexpr std::string_view kWaitMembers =
    R"("timed_out": {"type": "boolean"}, "timeout_capped": {"type": "boolean"}, )";
constexpr std::string_view kMembers = Joined<
    kWaitMembers,
    kPollingMembers,
    kComma,
    kJobIdMember,
    kComma,
    kStatusMember,
    kComma,
    kLogTailMember>::kText;
constexpr std::string_view kWaitNames =
    R"("timed_out", "timeout_capped", "job_id", "status", "log_tail", )";
constexpr std::string_view kNames = Joined<kWaitNames, kPollingNames>::kText;

constexpr double kDefaultSeconds = 45;

struct WaitOutcome {
    bool timed_out = false;
    bool capped = false;
};

milliseconds from_seconds(double seconds) {
    const auto max_seconds = static_cast<double>(kMaxSpan.count()) / 1000;
    return milliseconds{static_cast<std::int64_t>(std::min(seconds, max_seconds) * 1000)};
}

ToolResult answer(const ToolContext& context, const Job& job, WaitOutcome outcome) {
    ToolResult result;
    {
        view::JsonObject object{result.text};
        object.flag("timed_out", outcome.timed_out);
        object.flag("timeout_capped", outcome.capped);
        add_polling(object, job, context.clock.now());
        add_job_detail(object, context, job);
    }
    result.structured = true;
    return result;
}

ToolAnswer wait_for_job(const ToolContext& context, const WaitForJobArgs& args) {
    const FoundJob found = find_job(context, args.job_id, Detail::full, JobNames::seq_or_last);
    if (!found.job) return context.contract.refuse(context, found.refused);
    const milliseconds requested = from_seconds(args.timeout_seconds.value_or(kDefaultSeconds));
    const bool capped = requested > context.longest_wait;
    const milliseconds limit = std::min(requested, context.longest_wait);
    WaitedFor waited_for{found.job->job_id, {}};
    if (args.timeout_seconds) waited_for.limit = requested;
    const bool ended = is_terminal(found.job->status);
    if (ended || limit == milliseconds{0}) {
        ToolResult result = answer(context, *found.job, {!ended, capped});
        result.waited_for = waited_for;
        return result;
    }
    return Wait{
        .job_id = found.job->job_id,
        .limit = limit,
        .answer =
            [&context, capped](const Job& job, bool timed_out) {
                return answer(context, job, {timed_out, capped});
            },
        .as_task = waited_for};
}

}  // namespace

ToolResult show_waited_job(const ToolContext& context, const Job& job, bool timed_out) {
    return answer(context, job, {timed_out, false});
}

constinit const Tool kWaitForJob = {
    .name = "wait_for_job",
    .title = "Wait for a job to end",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kJobArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = true, .destructive = false, .idempotent = true, .open_world = false},
    .task_support = TaskSupport::optional,
    .function = kBound<wait_for_job>,
};

}  // namespace atlasjob::mcp
