#include "ledger/limits.h"
#include "mcp/jobs/job_verbs.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/bound.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

constexpr std::string_view kDescription =
    R"(Cancels one background job. A queued job never runs; a running one gets its kill signal (TERM), then KILL after grace_seconds, with all its processes: use wait_for_job for its end.
WHEN TO USE: the work is stuck or no longer wanted, and you or your user started it. WHEN NOT: to stop waiting, cancel the wait_for_job call. retry_job, if listed, runs the job again.
outcome: cancelled (was queued), requested, already_requested (nothing changed). Cancelling an ended job is an error.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "reason": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "Why; becomes part of the job's error"},
    "grace_seconds": {"type": "number", "minimum": 0, "maximum": 86400, "description": "Time between the kill signal and KILL; default: the job's own, or 10"}
}, "required": ["job_id"], "additionalProperties": false})";

struct CancelJobArgs {
    std::string job_id;
    std::optional<std::string> reason;
    std::optional<double> grace_seconds;

    template <class Argument>
    void each(Argument& argument) {
        argument("job_id", job_id);
        argument("reason", reason);
        argument("grace_seconds", grace_seconds);
    }
};

constexpr std::string_view kOutcomeMember =
    R"(, "outcome": {"enum": ["cancelled", "requested", "already_requested"]}, )";
constexpr std::string_view kMembers =
    Joined<kJobIdMember, kComma, kStatusMember, kOutcomeMember, kPollingMembers>::kText;
constexpr std::string_view kOwnNames = R"("job_id", "status", "outcome", )";
constexpr std::string_view kNames = Joined<kOwnNames, kPollingNames>::kText;

std::string_view word_of(CancelResult result) {
    switch (result) {
        case CancelResult::cancelled:
            return "cancelled";
        case CancelResult::requested:
            return "requested";
        case CancelResult::already_requested:
            return "already_requested";
        case CancelResult::already_terminal:
            break;
    }
    throw Error(ErrorCode::internal, "unexpected outcome of a cancel");
}

CancelRequest request_of(const ToolContext& context, const CancelJobArgs& args) {
    CancelRequest request{context.principal->name, args.reason, {}};
    if (args.grace_seconds)
        request.grace = milliseconds{static_cast<std::int64_t>(*args.grace_seconds * 1000)};
    return request;
}

/// Throws Error(refused) if the job has already ended.
CancelResult cancel(const ToolContext& context, const Job& job, const CancelRequest& request) {
    const CancelResult result = request_cancel(context, job.job_id, request);
    if (result != CancelResult::already_terminal) return result;
    throw Error(
        ErrorCode::refused, fmt::format("job {} has already ended", job.job_id.view()),
        "call get_job to see how it ended");
}

/// Reads the job again after the cancel. If that fails, returns a note and leaves the job as it
/// was, updated only with the outcome of the cancel.
std::string refresh(const ToolContext& context, Job& job, CancelResult outcome) {
    if (outcome == CancelResult::cancelled) job.status = Status::cancelled;
    try {
        auto found = find_job(context, job.job_id.view());
        if (!found.job) return "the job has been deleted";
        job = std::move(*found.job);
        return {};
    } catch (const Error& error) {
        return fmt::format("the current status cannot be read: {}", error.what());
    }
}

ToolAnswer cancel_job(const ToolContext& context, const CancelJobArgs& args) {
    FoundJob found = find_job(context, args.job_id, Detail::summary, JobNames::seq);
    if (!found.job) return context.contract.refuse(context, found.refused);
    Job& job = *found.job;
    const CancelResult outcome = cancel(context, job, request_of(context, args));
    const std::string note = refresh(context, job, outcome);
    ToolResult result;
    {
        view::JsonObject object{result.text};
        object.text("job_id", job.job_id.view());
        object.text("status", to_string(job.status));
        object.text("outcome", word_of(outcome));
        if (!note.empty()) object.text("note", note);
        add_polling(object, job, context.clock.now());
    }
    result.structured = true;
    return result;
}

}  // namespace

constinit const Tool kCancelJob = {
    .name = "cancel_job",
    .title = "Cancel a job",
    .description = kDescription,
    .input_schema = Joined<kInputStart, kChangedJobArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = false, .destructive = true, .idempotent = true, .open_world = false},
    .needs = RequiredPermission::cancel,
    .function = kBound<cancel_job>,
};

}  // namespace atlasjob::mcp
