#pragma once

#include "mcp/jobs/change_notifier.h"
#include "mcp/protocol/task.h"
#include "rpc/output.h"

#include <list>
#include <memory>
#include <string>

namespace atlasjob::mcp {

/// Sends the notifications/tasks/status of 2025-11-25: one for each change of the status of a task
/// that was created on the connection, until the task is over. Used from the loop's thread
/// only.
class TaskNotices {
  public:
    /// The arguments must outlive it.
    TaskNotices(const ToolContext& context, ChangeNotifier& notifier, rpc::Output& output);

    /// Watches a task whose creation is being answered, as `working`. Does nothing if too many are
    /// watched: a client polls all the same.
    void watch(const Task& task);

  private:
    struct Watched {
        std::string task_id;
        std::string status = "working";  ///< The last status sent to the client.
        std::optional<ChangeNotifier::Registration> registration = {};
    };

    void check(std::list<Watched>::iterator watched);

    const ToolContext& context_;
    ChangeNotifier& notifier_;
    rpc::Output& output_;
    std::list<Watched> watched_;
};

}  // namespace atlasjob::mcp
