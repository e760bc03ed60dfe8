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

/// A task is a job: its id is the job's, its state is read from the job's row, so that any process
/// on the ledger answers for it. Of a job that is queued or runs the word is working, of one that
/// is done completed, of a cancelled one cancelled; but
/// - the experiment says cancelled as soon as a cancel is requested: the ledger ends the job so
///   whatever its command does;
/// - of a job in error the experiment says failed. The extension says completed, with a result that
///   is an error, and failed only of a job whose worker was lost: nobody knows how it would have
///   ended.
std::string_view task_status(const Job& job, TaskGeneration generation);

/// Whether the task's status is one it never leaves.
bool is_task_over(const Job& job, TaskGeneration generation);

/// Writes what every answer about a task has: taskId, status, statusMessage, times, how long it is
/// kept (null until the job has ended) and how often to ask.
void write_task(view::JsonObject& object, const Job& job, TaskGeneration generation, Time now);

/// Unknown, somebody else's and expired are one and the same to those who ask.
inline constexpr std::string_view kTaskNotFound = "Failed to retrieve task: Task not found";

/// What the extension is called among the capabilities of both sides.
inline constexpr const char* kTasksExtension = "io.modelcontextprotocol/tasks";

}  // namespace atlasjob::mcp
