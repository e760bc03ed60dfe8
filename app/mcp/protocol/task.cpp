#include "mcp/protocol/task.h"

#include "mcp/protocol/progress_notification.h"
#include "view/json_object.h"

namespace atlasjob::mcp {

namespace {

using namespace std::chrono_literals;

/// Fast for the first minute, so that short jobs are noticed soon; slow after that.
milliseconds poll_interval(const Job& job, Time now) {
    return now - job.created_at < 1min ? milliseconds{1s} : milliseconds{5s};
}

/// Counted from the creation, as tasks define it.
std::optional<std::int64_t> time_to_live(const Job& job) {
    if (!job.expires_at) return {};
    return (*job.expires_at - job.created_at).count();
}

}  // namespace

std::string_view task_status(const Job& job, TaskGeneration generation) {
    const bool experiment = generation == TaskGeneration::experiment;
    switch (job.status) {
        case Status::queued:
        case Status::running:
            return experiment && job.cancel_requested_at ? "cancelled" : "working";
        case Status::done:
            return "completed";
        case Status::error:
            return experiment || job.reason == Reason::worker_lost ? "failed" : "completed";
        case Status::cancelled:
            return "cancelled";
    }
    return "failed";
}

bool is_task_over(const Job& job, TaskGeneration generation) {
    return task_status(job, generation) != "working";
}

void write_task(view::JsonObject& object, const Job& job, TaskGeneration generation, Time now) {
    const bool experiment = generation == TaskGeneration::experiment;
    object.text("taskId", job.job_id.view());
    object.text("status", task_status(job, generation));
    object.text("statusMessage", progress_line(job));
    object.time("createdAt", job.created_at);
    object.time("lastUpdatedAt", job.updated_at);
    object.integer(experiment ? "ttl" : "ttlMs", time_to_live(job));
    object.integer(experiment ? "pollInterval" : "pollIntervalMs", poll_interval(job, now).count());
}

}  // namespace atlasjob::mcp
