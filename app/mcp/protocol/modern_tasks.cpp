#include "mcp/protocol/methods.h"
#include "mcp/protocol/progress_notification.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"
#include "rpc/line_buffer.h"

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr TaskGeneration kGeneration = TaskGeneration::extension;

std::string created_json(const Job& job, Time now) {
    std::string out;
    {
        JsonObject result{out};
        result.text("resultType", std::string_view{"task"});
        write_task(result, job, kGeneration, now);
    }
    return out;
}

std::string empty_result(const Dialect& dialect) {
    return result_json(dialect, {}, [](JsonObject&) {});
}

/// The error of a task whose worker was lost. Its data is the job, unless that is longer than
/// clients accept.
void write_loss(std::string& out, const ToolResult& ended, const Job& job) {
    JsonObject error{out};
    error.integer("code", rpc::kInternalError);
    error.text("message", progress_line(job));
    const bool fits = ended.text.size() < rpc::kMaxMessage;
    if (ended.structured && fits) error.member("data") += ended.text;
}

/// Whether the client declares the extension. Otherwise answers that it must.
bool may_use_tasks(const Call& call) {
    if (declares_extension(call.params(), kTasksExtension)) return true;
    refuse_undeclared(call.reply, kTasksExtension);
    return false;
}

}  // namespace

void write_detailed_task(
    JsonObject& object, const Job& job, const ToolRegistry& registry, const Dialect& dialect) {
    const ToolContext& context = registry.context();
    write_task(object, job, kGeneration, context.clock.now());
    const std::string_view status = task_status(job, kGeneration);
    if (status == "completed")
        object.member("result") +=
            tool_result_json(registry.contract().show_ended(context, job), dialect);
    else if (status == "failed")
        write_loss(object.member("error"), registry.contract().show_ended(context, job), job);
}

void call_tool_modern(const Call& call) {
    const bool knows_tasks = declares_extension(call.params(), kTasksExtension);
    const Tool& tool = required_tool(call);
    if (!knows_tasks && tool.task_support == TaskSupport::required)
        return refuse_undeclared(call.reply, kTasksExtension);
    if (!knows_tasks || !call.registry().has_tasks()) return call_tool(call, tool);
    const auto as_task =
        [&registry = call.registry()](const ToolResult& result) -> std::optional<std::string> {
        if (!result.job) return {};
        const auto job = registry.job_if_readable(*result.job);
        // The plain answer names the job as well.
        if (!job) return {};
        return created_json(*job, registry.context().clock.now());
    };
    call_tool(call, tool, as_task);
}

void get_task(const Call& call) {
    if (!may_use_tasks(call)) return;
    const Job job = require_task(call);
    call.reply.result(result_json(call.dialect, {}, [&](JsonObject& result) {
        write_detailed_task(result, job, call.registry(), call.dialect);
    }));
}

/// Jobs never request input, so the responses are ignored.
void update_task(const Call& call) {
    if (!may_use_tasks(call)) return;
    static_cast<void>(required_object(call.params(), "inputResponses"));
    static_cast<void>(require_task(call));
    call.reply.result(empty_result(call.dialect));
}

/// Cancelling a task that is over succeeds and does nothing.
void cancel_task(const Call& call) {
    if (!may_use_tasks(call)) return;
    const auto answer = [dialect = call.dialect](rpc::Reply& deferred, bool /*cancelled*/) {
        deferred.result(empty_result(dialect));
    };
    cancel_job_of(call, require_task(call).job_id, answer);
}

}  // namespace atlasjob::mcp
