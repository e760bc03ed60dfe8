#include "cli/jobs/job_watch.h"

#include "base/error.h"
#include "cli/jobs/job_verbs.h"
#include "runner/maintenance/gc.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

using std::chrono::steady_clock;

/// Interval between checks that a queued job's queue has a worker.
constexpr std::chrono::seconds kWorkerCheckInterval{5};

void reap(const Context& context, const JobId& id) {
    const JobVerbs verbs{context};
    const auto store = context.open_existing();
    verbs.report(jobs::reap(verbs.over(*store), id).worker);
}

}  // namespace

JobWatch::JobWatch(const Context& context, Store& store, const JobId& id)
    : context_(context),
      store_(store),
      id_(id),
      principal_(context.principal()),
      file_(context.location().path) {}

std::optional<JobEnd> JobWatch::poll() {
    const JobRef ref = JobRef::of(id_);
    auto job = store_.get(ref, principal_, Detail::full);
    if (!job) {
        if (const auto tombstone = store_.tombstone(ref, principal_))
            return JobEnd{tombstone->last_status, tombstone->last_reason, {}};
        throw Error(
            ErrorCode::not_found, fmt::format("job {} no longer exists", id_.view()),
            "see atlasjob list");
    }
    if (is_terminal(job->status)) return JobEnd{job->status, job->reason, std::move(job)};
    if (job->status == Status::running) reap_if_lost();
    if (job->status == Status::queued) ensure_queue_has_worker(*job);
    return {};
}

void JobWatch::reap_if_lost() {
    const auto now = steady_clock::now();
    if (reap_checked_at_ && now - *reap_checked_at_ < kPollInterval) return;
    reap_checked_at_ = now;
    for (const RunningAttempt& attempt : store_.running_attempts()) {
        if (attempt.key.job_id != id_ || !may_be_lost(attempt, context_.now())) continue;
        try {
            reap(context_, id_);
        } catch (const Error&) {
            // Without write access, wait until another process reaps it.
            return;
        }
    }
}

/// Runs at the first poll, then every kWorkerCheckInterval, and at once if the ledger was replaced:
/// the worker it lists may serve the previous file.
void JobWatch::ensure_queue_has_worker(const Job& job) {
    const auto now = steady_clock::now();
    if (job.command.empty() || job.held) return;
    if (worker_checked_at_ && now - *worker_checked_at_ < kWorkerCheckInterval
        && !file_.is_replaced())
        return;
    worker_checked_at_ = now;
    try {
        const OnDemandWorker worker = on_demand_worker(context_);
        file_ = PathIdentity{worker.ledger};
        ensure_worker(store_, context_.clock(), worker, job.queue);
    } catch (const Error&) {
        // Without permission to start a worker, wait for one of another process.
        return;
    }
}

milliseconds time_left(std::optional<steady_clock::time_point> until) {
    if (!until) return kPollInterval;
    const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now());
    return std::clamp(left, milliseconds{0}, kPollInterval);
}

bool sleep_on(ChangeWatch& watch, std::optional<steady_clock::time_point> until) {
    const milliseconds left = time_left(until);
    if (left.count() == 0) return false;
    static_cast<void>(watch.wait(left));
    return true;
}

std::optional<steady_clock::time_point> deadline_of(const std::optional<milliseconds>& limit) {
    if (!limit) return {};
    return steady_clock::now() + *limit;
}

}  // namespace atlasjob::cli
