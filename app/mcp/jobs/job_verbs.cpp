#include "mcp/jobs/job_verbs.h"

#include "base/file.h"
#include "base/text.h"
#include "jobs/jobs.h"
#include "runner/maintenance/gc.h"
#include "store/open.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace atlasjob::mcp {

namespace {

jobs::Deps deps_of(const ToolContext& context, Store& store) {
    const LedgerLocation& location = context.ledger.location();
    return {
        store,
        context.clock,
        context.principal.value().name,
        location.logs_root,
        context.launching.worker,
        context.launching.on_end,
        [location] { return open_store(location, OpenMode::read); }};
}

void report(const EnsuredWorker& worker) {
    static std::atomic_flag reported;
    if (!worker.refused || reported.test_and_set()) return;
    // A closed stderr cannot be reported anywhere.
    static_cast<void>(write_all(
        STDERR_FILENO, fmt::format(
                           "atlasjob: jobs stay queued: {}; {}\n",
                           repair_utf8(worker.refused->message()), worker.refused->hint())));
}

}  // namespace

Submitted submit(const ToolContext& context, const NewJob& job) {
    const auto result = context.ledger.write_or_create(
        [&](Store& store) { return jobs::submit(deps_of(context, store), job); });
    report(result.worker);
    return result.submitted;
}

CancelResult request_cancel(
    const ToolContext& context, const JobId& id, const CancelRequest& request) {
    return context.ledger.write(
        [&](Store& store) { return jobs::cancel(deps_of(context, store), id, request); });
}

void retry(const ToolContext& context, const Job& job) {
    report(context.ledger.write(
        [&](Store& store) { return jobs::retry(deps_of(context, store), job); }));
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
    const auto result = context.ledger.write(
        [&](Store& store) { return jobs::reap(deps_of(context, store), only); });
    report(result.worker);
}

}  // namespace atlasjob::mcp
