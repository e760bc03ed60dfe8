#include "mcp/protocol/legacy_tasks.h"

#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"
#include "rpc/codes.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

constexpr TaskGeneration kGeneration = TaskGeneration::experiment;
/// Tasks came with the revision that has everything else.
constexpr Dialect kDialect{.task_support = true, .version = {}};

std::string task_json(const Job& job, Time now) {
    std::string out;
    {
        JsonObject task{out};
        write_task(task, job, kGeneration, now);
    }
    return out;
}

/// `receipt`: what the model may be told while the task goes on.
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

/// A job that has just been recorded, where it cannot be read back.
Job begun_job(const JobId& id, Time now) {
    Job job{id};
    job.created_at = now;
    job.updated_at = now;
    return job;
}

std::string related_task(const JobId& job_id) {
    return fmt::format(
        R"({{"io.modelcontextprotocol/related-task":{{"taskId":"{}"}}}})", job_id.view());
}

Error already(const Job& job) {
    return {
        ErrorCode::invalid_argument,
        fmt::format("Cannot cancel task: it is {} already", task_status(job, kGeneration))};
}

}  // namespace

void LegacyTasks::add_methods(rpc::MethodTable& methods) {
    methods.add("tasks/get", [this](const auto& request, auto& reply) {
        reply.result(get(request.params));
    });
    methods.add(
        "tasks/result", [this](const auto& request, auto& reply) { await_result(request, reply); });
    if (!service_.core().allowed().cancel) return;
    methods.add("tasks/cancel", [this](const auto& request, auto& reply) {
        cancel(request.params, reply);
    });
}

std::string_view LegacyTasks::capability() const {
    return service_.core().allowed().cancel ? R"({"cancel":{},"requests":{"tools":{"call":{}}}})"
                                            : R"({"requests":{"tools":{"call":{}}}})";
}

void LegacyTasks::call_tool(const rpc::Request& request, rpc::Reply& reply) {
    const Tool& tool = service_.core().require_tool(required_text(request.params, "name"));
    static_cast<void>(optional_object(request.params, "task"));
    if (tool.task_support == TaskSupport::forbidden) {
        const std::string why =
            fmt::format("tool {} cannot be called as a task; call it without \"task\"", tool.name);
        return reply.error({rpc::kMethodNotFound, why});
    }
    const auto as_task = [this](const ToolResult& result) -> std::optional<std::string> {
        const ToolContext& context = service_.core().context();
        // Nothing but a task is an answer to this call, so a call that began none has failed.
        if (!result.job) throw Error(ErrorCode::invalid_argument, result.text);
        const Time now = context.clock.now();
        const auto job = service_.core().job_if_readable(*result.job);
        return created_json(job ? *job : begun_job(*result.job, now), now, result);
    };
    service_.call_tool(request, reply, kDialect, as_task);
}

Job LegacyTasks::require_task(const json& params) {
    auto job = service_.find_task(params);
    if (!job) throw Error(ErrorCode::not_found, kTaskNotFound);
    return std::move(*job);
}

std::string LegacyTasks::get(const json& params) {
    return task_json(require_task(params), service_.core().context().clock.now());
}

void LegacyTasks::cancel(const json& params, rpc::Reply& reply) {
    const Job job = require_task(params);
    if (is_task_over(job, kGeneration)) throw already(job);
    service_.cancel(job.job_id, reply, [this, id = job.job_id](rpc::Reply& owed, bool cancelled) {
        const auto now = job_after(id, cancelled);
        if (!now) throw Error(ErrorCode::not_found, kTaskNotFound);
        if (!cancelled) throw already(*now);
        owed.result(task_json(*now, service_.core().context().clock.now()));
    });
}

/// The task once its end was asked for. Throws Error, which says that it was, when it cannot be
/// read.
std::optional<Job> LegacyTasks::job_after(const JobId& id, bool cancelled) {
    try {
        return service_.core().job(id);
    } catch (const Error& error) {
        if (!cancelled) throw;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("the task is cancelled, but cannot be shown: {}", error.message()),
            "ask tasks/get for it");
    }
}

void LegacyTasks::await_result(const rpc::Request& request, rpc::Reply& reply) {
    const Job job = require_task(request.params);
    ToolRegistry& core = service_.core();
    const auto answer = [&core](const Job& ended, bool timed_out) {
        if (timed_out)
            throw Error(
                ErrorCode::unavailable, "the server ends before the task does",
                "ask another one for tasks/result: the task goes on");
        return core.contract().show_ended(core.context(), ended);
    };
    const auto send = [id = job.job_id](
                          rpc::Reply& owed, const std::variant<ToolResult, Error>& end) {
        if (const auto* result = std::get_if<ToolResult>(&end))
            return owed.result(tool_result_json(*result, kDialect, related_task(id)));
        const auto& error = std::get<Error>(end);
        if (error.code() == ErrorCode::not_found)
            return owed.error(Error(ErrorCode::not_found, kTaskNotFound));
        owed.error(error);
    };
    service_.waits().add(
        {std::move(reply), {job.job_id, kForever, answer}, progress_token(request.params), send});
}

}  // namespace atlasjob::mcp
