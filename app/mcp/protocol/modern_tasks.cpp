#include "mcp/protocol/modern_tasks.h"

#include "mcp/protocol/progress_notification.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"
#include "rpc/line_buffer.h"
#include "rpc/reply.h"

#include <nlohmann/json.hpp>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
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

void ModernTasks::add_methods(rpc::MethodTable& methods, const std::function<Dialect()>& dialect) {
    using Answer = void (ModernTasks::*)(const json&, rpc::Reply&, const Dialect&);
    const auto add = [&](const char* name, Answer answer) {
        methods.add(name, [this, answer, dialect](const auto& request, auto& reply) {
            if (!declares_extension(request.params, kTasksExtension))
                return refuse_undeclared(reply, kTasksExtension);
            (this->*answer)(request.params, reply, dialect());
        });
    };
    add("tasks/get", &ModernTasks::get);
    add("tasks/update", &ModernTasks::update);
    if (handlers_.registry().allowed().cancel) add("tasks/cancel", &ModernTasks::cancel);
}

void ModernTasks::call_tool(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect) {
    const bool knows_tasks = declares_extension(request.params, kTasksExtension);
    const Tool& tool = handlers_.registry().require_tool(required_text(request.params, "name"));
    if (!knows_tasks && tool.task_support == TaskSupport::required)
        return refuse_undeclared(reply, kTasksExtension);
    const auto as_task = [this,
                          knows_tasks](const ToolResult& result) -> std::optional<std::string> {
        if (!knows_tasks || !result.job || !handlers_.registry().has_tasks()) return {};
        const auto job = handlers_.registry().job_if_readable(*result.job);
        // The plain answer names the job as well.
        if (!job) return {};
        return created_json(*job, handlers_.registry().context().clock.now());
    };
    handlers_.call_tool(request, reply, dialect, as_task);
}

Job ModernTasks::require_task(const json& params) {
    auto job = handlers_.find_task(params);
    if (!job) throw Error(ErrorCode::not_found, kTaskNotFound);
    return std::move(*job);
}

void ModernTasks::get(const json& params, rpc::Reply& reply, const Dialect& dialect) {
    const Job job = require_task(params);
    reply.result(result_json(dialect, {}, [&](JsonObject& result) {
        write_detailed_task(result, job, handlers_.registry(), dialect);
    }));
}

/// Jobs never request input, so the responses are ignored.
void ModernTasks::update(const json& params, rpc::Reply& reply, const Dialect& dialect) {
    static_cast<void>(required_object(params, "inputResponses"));
    static_cast<void>(require_task(params));
    reply.result(empty_result(dialect));
}

/// Cancelling a task that is over succeeds and does nothing.
void ModernTasks::cancel(const json& params, rpc::Reply& reply, const Dialect& dialect) {
    handlers_.cancel(require_task(params).job_id, reply, [dialect](rpc::Reply& deferred, bool) {
        deferred.result(empty_result(dialect));
    });
}

}  // namespace atlasjob::mcp
