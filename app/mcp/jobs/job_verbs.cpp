#include "mcp/jobs/job_verbs.h"

#include "base/file.h"
#include "base/printable.h"
#include "jobs/jobs.h"
#include "jobs/wait.h"
#include "store/open.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>

namespace atlasjob::mcp {

namespace {

jobs::Deps deps_of(const ToolContext& context, Store& store) {
    const LedgerAddress& address = context.ledger.address();
    return {
        store,
        context.ledger.logs(),
        context.clock,
        context.principal.value().name,
        context.launching.worker,
        context.launching.on_end,
        [address] { return open_store(address, OpenMode::read); }};
}

void report(const EnsuredWorker& worker) {
    static std::atomic_flag reported;
    if (!worker.refused || reported.test_and_set()) return;
    // A closed stderr cannot be reported anywhere.
    static_cast<void>(write_all(
        STDERR_FILENO, fmt::format(
                           "atlasjob: jobs stay queued: {}; {}\n",
                           escape_controls(worker.refused->message()), worker.refused->hint())));
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

std::vector<JobId> cancelled_dependents(const ToolContext& context, const Job& job) {
    std::vector<JobId> ids;
    for (const Job& dependent :
         context.ledger.read([&](Store& store) { return store.cancelled_dependents(job.job_id); }))
        ids.push_back(dependent.job_id);
    return ids;
}

std::vector<JobId> retry(const ToolContext& context, const Job& job, bool dependents) {
    std::vector<JobId> queued;
    report(context.ledger.write([&](Store& store) {
        const jobs::Deps deps = deps_of(context, store);
        std::vector<Job> others;
        if (dependents) others = jobs::cancelled_dependents(store, {job});
        EnsuredWorker worker = jobs::retry(deps, job);
        for (const Job& other : jobs::in_dependency_order(std::move(others))) {
            try {
                worker = jobs::retry(deps, other);
                queued.push_back(other.job_id);
            } catch (const Error& error) {
                // It also depends on another job that failed.
                if (error.code() != ErrorCode::refused) throw;
            }
        }
        return worker;
    }));
    return queued;
}

std::deque<JobId> may_be_lost(const ToolContext& context, const std::set<JobId>& watched) {
    const auto found =
        context.ledger.read([&](Store& store) { return jobs::may_be_lost(store, watched); });
    return {found.begin(), found.end()};
}

void reap_lost(const ToolContext& context, const std::optional<JobId>& only) {
    const auto result = context.ledger.write(
        [&](Store& store) { return jobs::reap(deps_of(context, store), only); });
    report(result.worker);
}

}  // namespace atlasjob::mcp
