#include "mcp/protocol/methods.h"
#include "mcp/protocol/progress_notification.h"
#include "mcp/protocol/request_params.h"
#include "rpc/line_buffer.h"

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr TaskGeneration kGeneration = TaskGeneration::extension;

std::string created_json(const Task& task, Time now) {
    std::string out;
    {
        JsonObject result{out};
        result.text("resultType", std::string_view{"task"});
        write_task(result, task, kGeneration, now);
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

/// The task that the answer stands for; nullopt if there is none, or it cannot be read now.
std::optional<Task> task_of(const ToolContext& context, const ToolAnswer& answer) {
    try {
        if (const auto* wait = std::get_if<Wait>(&answer))
            return wait->as_task ? begin_wait(context, *wait->as_task) : std::nullopt;
        const auto* const result = std::get_if<ToolResult>(&answer);
        if (result == nullptr || !result->run) return {};
        return find_task(context, TaskId{result->run->job_id, result->run->retries, {}}.str());
    } catch (const Error&) {
        return {};
    }
}

/// Whether the client declares the extension. Otherwise answers that it must.
bool may_use_tasks(const Call& call) {
    if (declares_extension(call.params(), kTasksExtension)) return true;
    refuse_undeclared(call.reply, kTasksExtension);
    return false;
}

}  // namespace

void write_detailed_task(
    JsonObject& object, const Task& task, const ToolRegistry& registry, const Dialect& dialect) {
    const ToolContext& context = registry.context();
    write_task(object, task, kGeneration, context.clock.now());
    const std::string_view status = task_status(task, kGeneration);
    if (status == "completed")
        object.member("result") += tool_result_json(task_result(context, task), dialect);
    else if (status == "failed")
        write_loss(object.member("error"), task_result(context, task), task.job);
}

void call_tool_modern(const Call& call) {
    const bool knows_tasks = declares_extension(call.params(), kTasksExtension);
    const Tool& tool = required_tool(call);
    if (!knows_tasks && tool.task_support == TaskSupport::required)
        return refuse_undeclared(call.reply, kTasksExtension);
    if (!knows_tasks || !call.registry().has_tasks()) return call_tool(call, tool);
    const auto as_task = [&context = call.registry().context()](
                             const ToolAnswer& answer) -> std::optional<std::string> {
        const auto task = task_of(context, answer);
        // The plain answer names the job as well.
        if (!task) return {};
        return created_json(*task, context.clock.now());
    };
    call_tool(call, tool, as_task);
}

void get_task(const Call& call) {
    if (!may_use_tasks(call)) return;
    const Task task = require_task(call);
    call.reply.result(result_json(call.dialect, {}, [&](JsonObject& result) {
        write_detailed_task(result, task, call.registry(), call.dialect);
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
    const Task task = require_task(call);
    if (is_task_over(task, kGeneration) && may_cancel(call, task))
        return call.reply.result(empty_result(call.dialect));
    cancel_task_of(call, task, answer);
}

}  // namespace atlasjob::mcp
