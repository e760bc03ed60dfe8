#include "mcp/jobs/display_status.h"

#include "runner/worker/ensure_worker.h"

#include <algorithm>

namespace atlasjob::mcp {

namespace {

bool is_scheduled(const ToolContext& context, Store& store, const Job& job) {
    if (job.run_after && *job.run_after > context.clock.now()) return true;
    const auto status_of = [&](const JobId& id) {
        const auto other = store.get(JobRef::of(id), *context.principal, Detail::summary);
        return other ? other->status : Status::done;
    };
    const auto is_not_done = [&](const JobId& id) { return status_of(id) != Status::done; };
    const auto is_active = [&](const JobId& id) { return !is_terminal(status_of(id)); };
    return std::ranges::any_of(job.after, is_not_done)
           || std::ranges::any_of(job.after_ended, is_active);
}

bool is_held_up(const ToolContext& context, Store& store, const Job& job) {
    // A job without a command waits for its own executor, not for a worker.
    if (job.command.empty()) return false;
    const auto paused_queues = store.paused_queues();
    const bool paused = std::ranges::any_of(paused_queues, [&](const PausedQueue& entry) {
        return !entry.queue || *entry.queue == job.queue;
    });
    if (paused) return true;
    const QueueLoad load = queue_load(
        store, job.queue, job.account, context.launching.queue_slots, context.clock.now());
    return load.is_full() || load.is_busy();
}

DisplayStatus error_status(const std::optional<Reason>& reason) {
    if (reason == Reason::timeout) return DisplayStatus::timed_out;
    if (reason == Reason::worker_lost) return DisplayStatus::lost;
    return DisplayStatus::error;
}

}  // namespace

DisplayStatus display_status_of(const Job& job) {
    switch (job.status) {
        case Status::queued:
            return DisplayStatus::queued;
        case Status::running:
            return job.cancel_requested_at ? DisplayStatus::cancelling : DisplayStatus::running;
        case Status::done:
            return job.reason == Reason::partial ? DisplayStatus::partial : DisplayStatus::done;
        case Status::error:
            return error_status(job.reason);
        case Status::cancelled:
            return DisplayStatus::cancelled;
    }
    throw Error(ErrorCode::internal, "a job has an unknown status");
}

DisplayStatus pending_status(const ToolContext& context, Store& store, const Job& job) {
    if (is_scheduled(context, store, job)) return DisplayStatus::scheduled;
    return is_held_up(context, store, job) ? DisplayStatus::held_up : DisplayStatus::queued;
}

}  // namespace atlasjob::mcp
