#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

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

/// The task after the cancel request. If it cannot be read, throws an Error that says whether the
/// request succeeded.
std::optional<Job> job_after(ToolRegistry& registry, const JobId& id, bool cancelled) {
    try {
        return registry.job(id);
    } catch (const Error& error) {
        if (!cancelled) throw;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("the task was cancelled but cannot be shown: {}", error.message()),
            "call tasks/get later");
    }
}

}  // namespace

std::string_view legacy_task_capability(const ToolRegistry& registry) {
    return registry.allowed().cancel ? R"({"cancel":{},"requests":{"tools":{"call":{}}}})"
                                     : R"({"requests":{"tools":{"call":{}}}})";
}

void call_tool_as_task(const Call& call, const Tool& tool) {
    static_cast<void>(optional_object(call.params(), "task"));
    if (tool.task_support == TaskSupport::forbidden) {
        const std::string why =
            fmt::format("tool {} cannot be called as a task: omit \"task\"", tool.name);
        return call.reply.error({rpc::kMethodNotFound, why});
    }
    const auto as_task =
        [&registry = call.registry()](const ToolResult& result) -> std::optional<std::string> {
        // The client expects a task, so a call that started no job has failed.
        if (!result.job) throw Error(ErrorCode::invalid_argument, result.text);
        const Time now = registry.context().clock.now();
        const auto job = registry.job_if_readable(*result.job);
        return created_json(job ? *job : submitted_job(*result.job, now), now, result);
    };
    call_tool({call.connection, call.request, call.reply, kDialect}, tool, as_task);
}

void get_task_legacy(const Call& call) {
    call.reply.result(task_json(require_task(call), call.now()));
}

void cancel_task_legacy(const Call& call) {
    const Job job = require_task(call);
    if (is_task_over(job, kGeneration)) throw already_over(job);
    const auto answer = [&registry = call.registry(), id = job.job_id](
                            rpc::Reply& deferred, bool cancelled) {
        const auto current = job_after(registry, id, cancelled);
        if (!current) throw Error(ErrorCode::not_found, kTaskNotFound);
        if (!cancelled) throw already_over(*current);
        deferred.result(task_json(*current, registry.context().clock.now()));
    };
    cancel_job_of(call, job.job_id, answer);
}

void await_task_result(const Call& call) {
    const Job job = require_task(call);
    const auto answer = [&registry = call.registry()](const Job& ended, bool timed_out) {
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
    call.connection.pending_calls.add(
        {std::move(call.reply),
         {job.job_id, kForever, answer},
         progress_token(call.params()),
         send});
}

}  // namespace atlasjob::mcp
