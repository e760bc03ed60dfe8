#include "mcp/steering.h"

#include "runner/upkeep.h"

namespace atlasjob::mcp {

namespace {

/// The job has ended, whatever becomes of this.
void see_to_hook(const ToolContext& context, const JobId& id) {
    try {
        context.ledger.write([&](Store& store) {
            start_on_end(store, context.clock, context.launching.on_end, id);
        });
    } catch (const Error&) {
        return;
    }
}

}  // namespace

CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request) {
    const CancelResult result = context.ledger.write(
        [&](Store& store) { return store.request_cancel(id, request, context.clock.now()); });
    if (result == CancelResult::cancelled) see_to_hook(context, id);
    return result;
}

void see_to_worker(const ToolContext& context, const std::string& queue) {
    try {
        context.ledger.write([&](Store& store) {
            ensure_worker(store, context.clock, context.launching.worker, queue);
        });
    } catch (const Error&) {
        return;
    }
}

std::deque<JobId> maybe_lost(const ToolContext& context, const std::set<JobId>& jobs) {
    std::deque<JobId> found;
    const auto running = context.ledger.read([](Store& store) { return store.running_attempts(); });
    for (const RunningAttempt& attempt : running) {
        const JobId& id = attempt.key.job_id;
        if (jobs.contains(id) && may_be_lost(attempt, context.clock.now())) found.push_back(id);
    }
    return found;
}

void settle_lost(const ToolContext& context, const std::optional<JobId>& only) {
    GcOptions options;
    options.logs_root = context.ledger.location().logs_root;
    options.actor = context.principal.value().name;
    options.on_end = context.launching.on_end;
    GcReport report;
    context.ledger.write([&](Store& store) {
        for (const RunningAttempt& attempt : store.running_attempts()) {
            if (!only || attempt.key.job_id == *only)
                reap_if_lost(store, attempt, context.clock, options, report);
        }
        if (report.requeued > 0) ensure_worker(store, context.clock, context.launching.worker);
    });
}

}  // namespace atlasjob::mcp
