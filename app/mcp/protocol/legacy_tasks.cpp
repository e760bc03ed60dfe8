#include "mcp/protocol/legacy_tasks.h"

#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"
#include "rpc/reply.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr TaskGeneration kGeneration = TaskGeneration::experiment;
/// Legacy tasks exist in 2025-11-25 only, which has all other members as well.
constexpr Dialect kDialect{.task_support = true, .version = {}};

std::string task_json(const Job& job, Time now) {
    std::string out;
    {
        JsonObject task{out};
        write_task(task, job, kGeneration, now);
    }
    return out;
}

/// `receipt`: what the model may be shown while the task runs.
std::string created_json(const Job& job, Time now, const ToolResult& receipt) {
    std::string out;
    {
        JsonObject result{out};
        result.member("task") += task_json(job, now);
        JsonObject meta{result.member("_meta")};
        meta.text("io.modelcontextprotocol/model-immediate-response", receipt.text);
    }
    return out;
}

/// A stand-in for a job that was just submitted but cannot be read back.
Job submitted_job(const JobId& id, Time now) {
    Job job{id};
    job.created_at = now;
    job.updated_at = now;
    return job;
}

std::string related_task(const JobId& job_id) {
    return fmt::format(
        R"({{"io.modelcontextprotocol/related-task":{{"taskId":"{}"}}}})", job_id.view());
}

Error already_over(const Job& job) {
    return {
        ErrorCode::invalid_argument,
        fmt::format("Cannot cancel task: it is already {}", task_status(job, kGeneration))};
}

}  // namespace

void LegacyTasks::add_methods(rpc::MethodTable& methods) {
    methods.add("tasks/get", [this](const auto& request, auto& reply) {
        reply.result(get(request.params));
    });
    methods.add(
        "tasks/result", [this](const auto& request, auto& reply) { await_result(request, reply); });
    if (!handlers_.registry().allowed().cancel) return;
    methods.add("tasks/cancel", [this](const auto& request, auto& reply) {
        cancel(request.params, reply);
    });
}

std::string_view LegacyTasks::capability() const {
    return handlers_.registry().allowed().cancel
               ? R"({"cancel":{},"requests":{"tools":{"call":{}}}})"
               : R"({"requests":{"tools":{"call":{}}}})";
}

void LegacyTasks::call_tool(const rpc::Request& request, rpc::Reply& reply) {
    const Tool& tool = handlers_.registry().require_tool(required_text(request.params, "name"));
    static_cast<void>(optional_object(request.params, "task"));
    if (tool.task_support == TaskSupport::forbidden) {
        const std::string why =
            fmt::format("tool {} cannot be called as a task: omit \"task\"", tool.name);
        return reply.error({rpc::kMethodNotFound, why});
    }
    const auto as_task = [this](const ToolResult& result) -> std::optional<std::string> {
        const ToolContext& context = handlers_.registry().context();
        // The client expects a task, so a call that started no job has failed.
        if (!result.job) throw Error(ErrorCode::invalid_argument, result.text);
        const Time now = context.clock.now();
        const auto job = handlers_.registry().job_if_readable(*result.job);
        return created_json(job ? *job : submitted_job(*result.job, now), now, result);
    };
    handlers_.call_tool(request, reply, kDialect, as_task);
}

Job LegacyTasks::require_task(const json& params) {
    auto job = handlers_.find_task(params);
    if (!job) throw Error(ErrorCode::not_found, kTaskNotFound);
    return std::move(*job);
}

std::string LegacyTasks::get(const json& params) {
    return task_json(require_task(params), handlers_.registry().context().clock.now());
}

void LegacyTasks::cancel(const json& params, rpc::Reply& reply) {
    const Job job = require_task(params);
    if (is_task_over(job, kGeneration)) throw already_over(job);
    handlers_.cancel(
        job.job_id, reply, [this, id = job.job_id](rpc::Reply& deferred, bool cancelled) {
            const auto current = job_after(id, cancelled);
            if (!current) throw Error(ErrorCode::not_found, kTaskNotFound);
            if (!cancelled) throw already_over(*current);
            deferred.result(task_json(*current, handlers_.registry().context().clock.now()));
        });
}

/// The task after the cancel request. If it cannot be read, throws an Error that says whether the
/// request succeeded.
std::optional<Job> LegacyTasks::job_after(const JobId& id, bool cancelled) {
    try {
        return handlers_.registry().job(id);
    } catch (const Error& error) {
        if (!cancelled) throw;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("the task was cancelled but cannot be shown: {}", error.message()),
            "call tasks/get later");
    }
}

void LegacyTasks::await_result(const rpc::Request& request, rpc::Reply& reply) {
    const Job job = require_task(request.params);
    ToolRegistry& registry = handlers_.registry();
    const auto answer = [&registry](const Job& ended, bool timed_out) {
        if (timed_out)
            throw Error(
                ErrorCode::unavailable, "the server is exiting before the task has ended",
                "the task continues: call tasks/result on another server");
        return registry.contract().show_ended(registry.context(), ended);
    };
    const auto send = [id = job.job_id](
                          rpc::Reply& deferred, const std::variant<ToolResult, Error>& end) {
        if (const auto* result = std::get_if<ToolResult>(&end))
            return deferred.result(tool_result_json(*result, kDialect, related_task(id)));
        const auto& error = std::get<Error>(end);
        if (error.code() == ErrorCode::not_found)
            return deferred.error(Error(ErrorCode::not_found, kTaskNotFound));
        deferred.error(error);
    };
    handlers_.pending_calls().add(
        {std::move(reply), {job.job_id, kForever, answer}, progress_token(request.params), send});
}

}  // namespace atlasjob::mcp
