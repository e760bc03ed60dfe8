#include "mcp/jobs/job_verbs.h"

#include "base/file.h"
#include "base/printable.h"
#include "jobs/jobs.h"
#include "jobs/wait.h"
#include "runner/attempt/placed_exec.h"
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

void print_note(const std::string& text) {
    // A closed stderr cannot be reported anywhere.
    static_cast<void>(write_all(STDERR_FILENO, fmt::format("atlasjob: {}\n", text)));
}

/// On standard error, which hosts keep: the models cannot do anything about it.
void report(const EnsuredWorker& worker) {
    if (worker.ends_at_logout && claim_logout_warning()) print_note(logout_warning());
    static std::atomic_flag reported;
    if (worker.last_error) {
        print_note(fmt::format(
            "a new worker was started, as the last one failed: {}",
            escape_controls(worker.last_error->text)));
    }
    if (!worker.refused || reported.test_and_set()) return;
    print_note(fmt::format(
        "jobs stay queued: {}; {}", escape_controls(worker.refused->message()),
        worker.refused->hint()));
}

/// Whether it is queued again. It is not if it also depends on another job that failed.
bool retry_dependent(const jobs::Deps& deps, const Job& job, EnsuredWorker& worker) {
    try {
        worker = merged(std::move(worker), jobs::retry(deps, job));
        return true;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::refused) throw;
        return false;
    }
}

/// Retries the jobs that were cancelled because of `job` if `retries`, else names them. Throws if
/// it cannot go on; `result` has those that it has handled.
void handle_dependents(
    const jobs::Deps& deps,
    const Job& job,
    bool retries,
    EnsuredWorker& worker,
    RetriedDependents& result) {
    for (const Job& other :
         jobs::in_dependency_order(jobs::cancelled_dependents(deps.store, {job}))) {
        const bool queued = retries && retry_dependent(deps, other, worker);
        (queued ? result.retried : result.cancelled).push_back(other.job_id);
    }
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

void cancel_wait(const ToolContext& context, const JobId& id, const std::string& wait) {
    context.ledger.write(
        [&](Store& store) { jobs::cancel_wait(deps_of(context, store), id, wait); });
}

RetriedDependents retry(const ToolContext& context, const Job& job, bool dependents) {
    RetriedDependents result;
    report(context.ledger.write([&](Store& store) {
        const jobs::Deps deps = deps_of(context, store);
        EnsuredWorker worker = jobs::retry(deps, job);
        try {
            handle_dependents(deps, job, dependents, worker, result);
        } catch (const Error& error) {
            result.note = fmt::format(
                "the job is queued again, but not all jobs that were cancelled because of it could "
                "be handled: {}",
                error.message());
        }
        return worker;
    }));
    return result;
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
