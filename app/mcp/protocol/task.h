#pragma once

#include "ledger/job.h"

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

/// A task is a job: it has the job's id, and its state is read from the job's row, so any process
/// with the ledger can answer for it. A queued or running job is `working`, a done one `completed`,
/// a cancelled one `cancelled`, with two exceptions:
/// - The experiment reports `cancelled` as soon as a cancel is requested: the job will end so,
///   whatever its command does.
/// - A job in error is `failed` in the experiment. In the extension it is `completed`, with an
/// error
///   result, and `failed` only if its worker was lost: how its command would have ended is unknown.
std::string_view task_status(const Job& job, TaskGeneration generation);

/// Whether the task's status is final.
bool is_task_over(const Job& job, TaskGeneration generation);

/// Writes the members common to all answers about a task: taskId, status, statusMessage, times,
/// time to live (null until the job has ended) and poll interval.
void write_task(view::JsonObject& object, const Job& job, TaskGeneration generation, Time now);

/// The same for an unknown task, another principal's and an expired one.
inline constexpr std::string_view kTaskNotFound = "Failed to retrieve task: Task not found";

/// The extension's name in the capabilities of client and server.
inline constexpr const char* kTasksExtension = "io.modelcontextprotocol/tasks";

}  // namespace atlasjob::mcp
