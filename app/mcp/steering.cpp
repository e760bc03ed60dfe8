#include "mcp/steering.h"

#include "runner/upkeep.h"

#include <algorithm>

namespace atlasjob::mcp {

CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request) {
    return context.ledger.write([&](Store& store) {
        const CancelResult result = store.request_cancel(id, request, context.clock.now());
        if (result == CancelResult::cancelled)
            start_on_end(store, context.clock, context.launching.on_end, id);
        return result;
    });
}

bool may_be_lost(const ToolContext& context, const std::set<JobId>& jobs) {
    const auto running = context.ledger.read([](Store& store) { return store.running_attempts(); });
    return std::ranges::any_of(running, [&](const RunningAttempt& attempt) {
        return jobs.contains(attempt.key.job_id)
               && atlasjob::may_be_lost(attempt, context.clock.now());
    });
}

void settle_lost(const ToolContext& context, const std::optional<std::set<JobId>>& only) {
    GcOptions options;
    options.logs_root = context.ledger.location().logs_root;
    options.actor = context.principal.value().name;
    options.on_end = context.launching.on_end;
    GcReport report;
    context.ledger.write([&](Store& store) {
        for (const RunningAttempt& attempt : store.running_attempts()) {
            if (!only || only->contains(attempt.key.job_id))
                reap_if_lost(store, attempt, context.clock, options, report);
        }
        if (report.requeued > 0) ensure_worker(store, context.clock, context.launching.worker);
    });
}

}  // namespace atlasjob::mcp
