#include "mcp/protocol/task_notices.h"

#include "rpc/wire.h"
#include "view/json_object.h"

namespace atlasjob::mcp {

namespace {

constexpr TaskGeneration kGeneration = TaskGeneration::experiment;
/// Bounds the work of each change.
constexpr std::size_t kMaxWatched = 100;

std::string status_params(const Task& task, Time now) {
    std::string params;
    {
        view::JsonObject object{params};
        write_task(object, task, kGeneration, now);
    }
    return params;
}

}  // namespace

TaskNotices::TaskNotices(const ToolContext& context, ChangeNotifier& notifier, rpc::Output& output)
    : context_(context), notifier_(notifier), output_(output) {}

void TaskNotices::watch(const Task& task) {
    if (watched_.size() >= kMaxWatched) return;
    const auto watched = watched_.insert(watched_.end(), Watched{task.id.str()});
    watched->registration.emplace(
        notifier_.subscribe([this, watched] { check(watched); }, task.id.job_id));
}

void TaskNotices::check(std::list<Watched>::iterator watched) {
    std::optional<Task> task;
    try {
        task = find_task(context_, watched->task_id);
    } catch (const Error&) {
        return;  // An outage is not a change; the next check catches up.
    }
    if (!task) return static_cast<void>(watched_.erase(watched));
    std::string status{task_status(*task, kGeneration)};
    if (status == watched->status) return;
    watched->status = std::move(status);
    output_.send(rpc::notification_line(
        "notifications/tasks/status", status_params(*task, context_.clock.now())));
    if (is_task_over(*task, kGeneration)) watched_.erase(watched);
}

}  // namespace atlasjob::mcp
