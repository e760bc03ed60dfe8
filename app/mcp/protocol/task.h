#pragma once

#include "mcp/protocol/task_id.h"
#include "mcp/tools/tool.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace atlasjob::view {
class JsonObject;
}

namespace atlasjob::mcp {

/// The two published generations of tasks: the experiment of 2025-11-25, and the extension
/// io.modelcontextprotocol/tasks (SEP-2663).
enum class TaskGeneration { experiment, extension };

/// How a wait ended other than with its job's run.
enum class WaitEnd {
    none,
    cancelled,  ///< By tasks/cancel; the job continues.
    timed_out,  ///< The limit that the call gave has passed.
};

/// A task is a run of a job, or a wait for one. Its state is read from the job's row and history,
/// so any process with the ledger can answer for it. A queued or running job is `working`, a done
/// one `completed`, a cancelled one `cancelled`, with these exceptions:
/// - The experiment reports `cancelled` as soon as a cancel is requested: the job will end so,
///   whatever its command does.
/// - A job in error is `failed` in the experiment. In the extension it is `completed`, with an
/// error
///   result, and `failed` only if its worker was lost: how its command would have ended is unknown.
/// - A wait is `completed` however its job ended, and also when its limit has passed. It is
///   `cancelled` if it was itself. If its limit has passed, its job is shown as it was then.
struct Task {
    TaskId id;
    Job job;  ///< As the task's run left it or, if that has not ended, as it is now.
    Time created_at;
    Time updated_at;
    bool is_latest_run = true;
    WaitEnd wait_end = WaitEnd::none;
    /// When the limit of a wait passes.
    std::optional<Time> deadline = std::nullopt;
};

/// The task of that id; nullopt if there is none or the principal may not see its job. Reads the
/// ledger for an id that no task can have, too: an outage must show for both. A wait that would
/// begin in the future is none. Throws Error if the ledger cannot be read.
std::optional<Task> find_task(const ToolContext& context, std::string_view id);

/// The task of a wait that begins now, or some seconds later if one of this second was cancelled;
/// it may be over already. nullopt if the job is gone. Throws Error if the ledger cannot be read.
std::optional<Task> begin_wait(const ToolContext& context, const WaitedFor& waited_for);

std::string_view task_status(const Task& task, TaskGeneration generation);

/// Whether the task's status is final.
bool is_task_over(const Task& task, TaskGeneration generation);

/// The result of the call that the task stands for. The task must be over and not `cancelled`.
ToolResult task_result(const ToolContext& context, const Task& task);

/// Writes the members common to all answers about a task: taskId, status, statusMessage, times,
/// time to live (null until the job has ended) and poll interval.
void write_task(view::JsonObject& object, const Task& task, TaskGeneration generation, Time now);

/// The same for the answer that creates a task of 2025-11-25, which always begins as `working`.
void write_begun_task(
    view::JsonObject& object, const Task& task, TaskGeneration generation, Time now);

/// The detail of the note that the wait was cancelled (jobs::cancel_wait).
std::string wait_detail(const WaitCode& wait);

/// The same for an unknown task, another principal's and an expired one.
inline constexpr std::string_view kTaskNotFound = "Failed to retrieve task: Task not found";

/// The extension's name in the capabilities of client and server.
inline constexpr const char* kTasksExtension = "io.modelcontextprotocol/tasks";

}  // namespace atlasjob::mcp
