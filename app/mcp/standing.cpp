#include "mcp/standing.h"

#include "runner/queue_crowd.h"

#include <algorithm>

namespace atlasjob::mcp {

namespace {

bool is_scheduled(const ToolContext& context, Store& store, const Job& job) {
    if (job.run_after && *job.run_after > context.clock.now()) return true;
    return std::ranges::any_of(job.after, [&](const JobId& id) {
        const auto other = store.get(JobRef::of(id), *context.principal, Detail::summary);
        return other && other->status != Status::done;
    });
}

bool is_held_up(const ToolContext& context, Store& store, const Job& job) {
    // Nobody's workers are waited for by what somebody else executes.
    if (job.command.empty()) return false;
    const auto pauses = store.paused_queues();
    const bool paused = std::ranges::any_of(pauses, [&](const PausedQueue& pause) {
        return !pause.queue || *pause.queue == job.queue;
    });
    if (paused) return true;
    const QueueCrowd crowd =
        crowd_of(store, job.queue, job.account, context.launching.queue_slots, context.clock.now());
    return crowd.is_full() || crowd.is_busy();
}

Standing standing_of_error(const std::optional<Reason>& reason) {
    if (reason == Reason::timeout) return Standing::timed_out;
    if (reason == Reason::worker_lost) return Standing::lost;
    return Standing::error;
}

}  // namespace

Standing standing_of(const Job& job) {
    switch (job.status) {
        case Status::queued:
            return Standing::queued;
        case Status::running:
            return job.cancel_requested_at ? Standing::cancelling : Standing::running;
        case Status::done:
            return job.reason == Reason::partial ? Standing::partial : Standing::done;
        case Status::error:
            return standing_of_error(job.reason);
        case Status::cancelled:
            return Standing::cancelled;
    }
    throw Error(ErrorCode::internal, "a job has an unknown status");
}

Standing why_it_waits(const ToolContext& context, Store& store, const Job& job) {
    if (is_scheduled(context, store, job)) return Standing::scheduled;
    return is_held_up(context, store, job) ? Standing::held_up : Standing::queued;
}

}  // namespace atlasjob::mcp
