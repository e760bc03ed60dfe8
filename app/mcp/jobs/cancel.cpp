#include "mcp/jobs/cancel.h"

#include "base/file.h"
#include "base/text.h"
#include "runner/maintenance/gc.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace atlasjob::mcp {

void ensure_served(
    const ToolContext& context, Store& store, const std::optional<std::string>& queue) {
    static std::atomic_flag reported;
    const auto refused =
        ensure_worker(store, context.clock, context.launching.worker, queue).refused;
    if (!refused || reported.test_and_set()) return;
    // A closed stderr cannot be reported anywhere.
    static_cast<void>(write_all(
        STDERR_FILENO, fmt::format(
                           "atlasjob: cannot start a worker: {}; {}\n",
                           repair_utf8(refused->message()), refused->hint())));
}

CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request) {
    return context.ledger.write([&](Store& store) {
        const CancelResult result = store.request_cancel(id, request, context.clock.now());
        if (result == CancelResult::cancelled)
            start_owed_hooks(store, context.clock, context.launching.on_end);
        return result;
    });
}

void ensure_worker(const ToolContext& context, const std::string& queue) {
    try {
        context.ledger.write([&](Store& store) { ensure_served(context, store, queue); });
    } catch (const Error&) {
        return;
    }
}

std::deque<JobId> may_be_lost(const ToolContext& context, const std::set<JobId>& jobs) {
    std::deque<JobId> found;
    const auto running = context.ledger.read([](Store& store) { return store.running_attempts(); });
    for (const RunningAttempt& attempt : running) {
        const JobId& id = attempt.key.job_id;
        if (jobs.contains(id) && may_be_lost(attempt, context.clock.now())) found.push_back(id);
    }
    return found;
}

void reap_lost(const ToolContext& context, const std::optional<JobId>& only) {
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
        if (report.requeued > 0) ensure_served(context, store);
    });
}

}  // namespace atlasjob::mcp
