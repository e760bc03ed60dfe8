#include "mcp/protocol/methods.h"
#include "mcp/protocol/request_params.h"

#include <fmt/format.h>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;

constexpr TaskGeneration kGeneration = TaskGeneration::experiment;
/// Legacy tasks exist in 2025-11-25 only, which has all other members as well.
constexpr Dialect kDialect{.task_support = true, .version = {}};

std::string task_json(const Task& task, Time now) {
    std::string out;
    {
        JsonObject object{out};
        write_task(object, task, kGeneration, now);
    }
    return out;
}

/// `receipt`: what the model may be shown while the task runs.
std::string created_json(const Task& task, Time now, std::string_view receipt) {
    std::string out;
    {
        JsonObject result{out};
        {
            JsonObject object{result.member("task")};
            write_begun_task(object, task, kGeneration, now);
        }
        JsonObject meta{result.member("_meta")};
        meta.text("io.modelcontextprotocol/model-immediate-response", receipt);
    }
    return out;
}

/// The run that was just started, or a stand-in if it cannot be read back: it is durable all the
/// same.
Task task_of_run(const ToolContext& context, const JobRun& run) {
    const TaskId id{run.job_id, run.retries, {}};
    try {
        auto task = find_task(context, id.str());
        if (task) return std::move(*task);
    } catch (const Error&) {
    }
    const Time now = context.clock.now();
    Job job{run.job_id};
    job.created_at = now;
    job.updated_at = now;
    return {id, std::move(job), now, now};
}

Task task_of_wait(const ToolContext& context, const WaitedFor& waited_for) {
    auto task = begin_wait(context, waited_for);
    if (!task) throw Error(ErrorCode::not_found, "the job is gone");
    return std::move(*task);
}

/// A task as the answer that creates it has it, and what the model may be shown.
struct NewTask {
    Task task;
    std::string receipt;
};

NewTask new_wait(const ToolContext& context, const WaitedFor& waited_for) {
    return {
        task_of_wait(context, waited_for),
        fmt::format(
            "waiting for job {}; the result follows when it has ended", waited_for.job_id.view())};
}

/// Throws Error if the answer stands for no task: the client expects one, so the call has failed.
NewTask new_task(const ToolContext& context, const ToolAnswer& answer) {
    if (const auto* wait = std::get_if<Wait>(&answer); wait != nullptr && wait->as_task)
        return new_wait(context, *wait->as_task);
    const auto* const result = std::get_if<ToolResult>(&answer);
    if (result == nullptr)
        throw Error(ErrorCode::invalid_argument, "this call cannot be made as a task");
    if (result->waited_for) return new_wait(context, *result->waited_for);
    if (!result->run) throw Error(ErrorCode::invalid_argument, result->text);
    return {task_of_run(context, *result->run), result->text};
}

std::string related_task(const TaskId& id) {
    return fmt::format(R"({{"io.modelcontextprotocol/related-task":{{"taskId":"{}"}}}})", id.str());
}

Error already_over(const Task& task) {
    return {
        ErrorCode::invalid_argument,
        fmt::format("Cannot cancel task: it is already {}", task_status(task, kGeneration))};
}

/// The task after the cancel request. If it cannot be read, throws an Error that says whether the
/// request succeeded.
std::optional<Task> task_after(const ToolContext& context, const TaskId& id, bool cancelled) {
    try {
        return find_task(context, id.str());
    } catch (const Error& error) {
        if (!cancelled) throw;
        throw Error(
            ErrorCode::unavailable,
            fmt::format("the task was cancelled but cannot be shown: {}", error.message()),
            "call tasks/get later");
    }
}

/// The result of a task that is over; nullopt if it is not. Throws Error for a task that has none.
std::optional<ToolResult> result_if_over(const ToolContext& context, const TaskId& id) {
    const auto task = find_task(context, id.str());
    if (!task) throw Error(ErrorCode::not_found, kTaskNotFound);
    if (task->wait_end == WaitEnd::cancelled)
        throw Error(ErrorCode::refused, "the wait was cancelled; the job continues");
    // A job that is being cancelled has a result once it has ended.
    const bool has_ended = is_terminal(task->job.status) || task->wait_end == WaitEnd::timed_out;
    return has_ended ? std::optional{task_result(context, *task)} : std::nullopt;
}

}  // namespace

std::string_view legacy_task_capability() {
    // Waits can be cancelled by everyone; the tasks of jobs need a permission.
    return R"({"cancel":{},"requests":{"tools":{"call":{}}}})";
}

void call_tool_as_task(const Call& call, const Tool& tool) {
    static_cast<void>(optional_object(call.params(), "task"));
    if (tool.task_support == TaskSupport::forbidden) {
        const std::string why =
            fmt::format("tool {} cannot be called as a task: omit \"task\"", tool.name);
        return call.reply.error({rpc::kMethodNotFound, why});
    }
    const auto as_task =
        [&connection = call.connection](const ToolAnswer& answer) -> std::optional<std::string> {
        const ToolContext& context = connection.registry.context();
        const NewTask created = new_task(context, answer);
        connection.task_notices.watch(created.task);
        return created_json(created.task, context.clock.now(), created.receipt);
    };
    call_tool({call.connection, call.request, call.reply, kDialect}, tool, as_task);
}

void get_task_legacy(const Call& call) {
    call.reply.result(task_json(require_task(call), call.now()));
}

void cancel_task_legacy(const Call& call) {
    const Task task = require_task(call);
    if (is_task_over(task, kGeneration) && may_cancel(call, task)) throw already_over(task);
    const auto answer = [&context = call.registry().context(), id = task.id](
                            rpc::Reply& deferred, bool cancelled) {
        const auto current = task_after(context, id, cancelled);
        if (!current) throw Error(ErrorCode::not_found, kTaskNotFound);
        if (!cancelled) throw already_over(*current);
        deferred.result(task_json(*current, context.clock.now()));
    };
    cancel_task_of(call, task, answer);
}

void await_task_result(const Call& call) {
    const Task task = require_task(call);
    const auto over = [&context = call.registry().context(), id = task.id] {
        return result_if_over(context, id);
    };
    const auto answer = [over](const Job& /*job*/, bool /*timed_out*/) {
        if (auto result = over()) return std::move(*result);
        throw Error(
            ErrorCode::unavailable, "the server is exiting before the task has ended",
            "the task continues: call tasks/result on another server");
    };
    const auto send = [id = task.id](
                          rpc::Reply& deferred, const std::variant<ToolResult, Error>& end) {
        if (const auto* result = std::get_if<ToolResult>(&end))
            return deferred.result(tool_result_json(*result, kDialect, related_task(id)));
        const auto& error = std::get<Error>(end);
        if (error.code() == ErrorCode::not_found)
            return deferred.error(Error(ErrorCode::not_found, kTaskNotFound));
        deferred.error(error);
    };
    Wait wait{task.id.job_id, kForever, answer};
    wait.over = over;
    call.connection.pending_calls.add(
        {std::move(call.reply), std::move(wait), progress_token(call.params()), send});
}

}  // namespace atlasjob::mcp
