#include "ledger/limits.h"
#include "mcp/jobs/cancel.h"
#include "mcp/jobs/show_job.h"
#include "mcp/tools/job_detail.h"
#include "mcp/tools/schema.h"
#include "mcp/tools/tools.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;

constexpr std::string_view kDescription =
    R"(Cancels one background job. A queued job is cancelled at once and never runs. A running one is asked to stop (TERM, and KILL after grace_seconds) together with everything it started; it ends a little later.
WHEN TO USE: the work is not wanted any more, is stuck, or was started by mistake, and you or your user started it. WHEN NOT: to stop waiting for it: cancelling a wait_for_job call leaves the job alone. It cannot be taken back; retry_job runs the job again from its beginning (where this server lists it).
RETURNS {job_id, status, outcome, continue_polling, next_poll_seconds}; outcome: cancelled (it was queued and never runs), requested (it was asked to stop), already_requested (somebody had asked before; nothing changed).
THEN: for requested and already_requested use wait_for_job: the status becomes cancelled, or done or error when the job ended by itself first.
ERROR MODES, in a normal result as {"error": ...}: authentication_missing (the server acts for nobody); invalid_parameter (malformed job_id); job_not_found (no such job, somebody else's, or expired: do not guess other ids). With isError true and nothing changed: a job that has ended already, arguments that do not fit, or a ledger that cannot be written now.
RETENTION: cancelled jobs are kept 7 days, with their output, unless their owner chose otherwise.)";

constexpr std::string_view kInputStart = R"({"type": "object", "properties": {)";
constexpr std::string_view kInputEnd = R"(,
    "reason": {"type": "string", "minLength": 1, "maxLength": 4000, "description": "Why; goes into the job's error"},
    "grace_seconds": {"type": "number", "minimum": 0, "maximum": 86400, "default": 10, "description": "Between TERM and KILL"}
}, "required": ["job_id"], "additionalProperties": false})";

constexpr std::string_view kOwnMembers = R"(
    "job_id": {"type": "string"},
    "status": {"type": "string", "enum": ["queued", "running", "done", "error", "cancelled"]},
    "outcome": {"type": "string", "enum": ["cancelled", "requested", "already_requested"]},
    "note": {"type": "string", "description": "What could not be found out"}, )";
constexpr std::string_view kMembers = Joined<kOwnMembers, kPollingMembers>::kText;
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
    throw Error(ErrorCode::internal, "a cancel with an outcome that is none");
}

CancelRequest request_of(const ToolContext& context, const json& arguments) {
    CancelRequest request{context.principal->name, {}, {}};
    if (arguments.contains("reason")) request.text = arguments.at("reason").get<std::string>();
    if (arguments.contains("grace_seconds")) {
        request.grace = milliseconds{
            static_cast<std::int64_t>(arguments.at("grace_seconds").get<double>() * 1000)};
    }
    return request;
}

/// Throws Error(refused) for a job that has ended.
CancelResult cancel(const ToolContext& context, const Job& job, const CancelRequest& request) {
    const CancelResult result = request_cancel(context, job.job_id, request);
    if (result != CancelResult::already_terminal) return result;
    throw Error(
        ErrorCode::refused,
        fmt::format("nothing to cancel: job {} has already ended", job.job_id.view()),
        "see get_job for how it ended");
}

/// What a cancel has come to. Returns a note where the job cannot be looked at again: then it is
/// as it was before, but for what the cancel itself says.
std::string look_again(const ToolContext& context, Job& job, CancelResult outcome) {
    if (outcome == CancelResult::cancelled) job.status = Status::cancelled;
    try {
        auto found = find_job(context, job.job_id.view());
        if (!found.job) return "the job is not there any more";
        job = std::move(*found.job);
        return {};
    } catch (const Error& error) {
        return fmt::format("its status cannot be read again: {}", error.what());
    }
}

ToolAnswer cancel_job(const ToolContext& context, const Tool& /*tool*/, const json& arguments) {
    const auto& given_id = arguments.at("job_id").get_ref<const std::string&>();
    FoundJob found = find_job(context, given_id);
    if (!found.job) return context.contract.refuse(context, found.refused);
    Job& job = *found.job;
    const CancelResult outcome = cancel(context, job, request_of(context, arguments));
    const std::string note = look_again(context, job, outcome);
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
    .input_schema = Joined<kInputStart, kJobIdArgument, kInputEnd>::kText,
    .output_schema = kAnswerSchema<kMembers, kNames>,
    .hints = {.read_only = false, .destructive = true, .idempotent = true, .open_world = false},
    .needs = RequiredPermission::cancel,
    .call = cancel_job,
};

}  // namespace atlasjob::mcp
