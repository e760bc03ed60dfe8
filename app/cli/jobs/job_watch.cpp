#include "cli/jobs/job_watch.h"

#include "base/error.h"
#include "cli/commands/on_end.h"
#include "cli/jobs/ensure_worker.h"
#include "runner/maintenance/gc.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::cli {

namespace {

using std::chrono::steady_clock;

/// Between two looks whether a queued job's queue has a worker.
constexpr std::chrono::seconds kSeeToQueueAgain{5};

void settle(const Context& context, const RunningAttempt& attempt) {
    const OnDemandWorker worker = on_demand_worker(context);
    const auto store = context.open_existing();
    GcOptions options;
    options.logs_root = context.location().logs_root;
    options.actor = context.principal().name;
    options.on_end = on_end(context);
    GcReport report;
    reap_if_lost(*store, attempt, context.clock(), options, report);
    if (report.requeued > 0) ensure_worker(context, *store, worker);
}

}  // namespace

JobWatch::JobWatch(const Context& context, Store& store, const JobId& id)
    : context_(context),
      store_(store),
      id_(id),
      principal_(context.principal()),
      file_(context.location().path) {}

std::optional<JobEnd> JobWatch::look() {
    const JobRef ref = JobRef::of(id_);
    auto job = store_.get(ref, principal_, Detail::full);
    if (!job) {
        if (const auto stone = store_.tombstone(ref, principal_))
            return JobEnd{stone->last_status, stone->last_reason, {}};
        throw Error(
            ErrorCode::not_found, fmt::format("job {} no longer exists", id_.view()),
            "see atlasjob list");
    }
    if (is_terminal(job->status)) return JobEnd{job->status, job->reason, std::move(job)};
    if (job->status == Status::running) reap_if_lost();
    if (job->status == Status::queued) see_to_queue(*job);
    return {};
}

void JobWatch::reap_if_lost() {
    const auto now = steady_clock::now();
    if (settled_at_ && now - *settled_at_ < kLookAgain) return;
    settled_at_ = now;
    for (const RunningAttempt& attempt : store_.running_attempts()) {
        if (attempt.key.job_id != id_ || !may_be_lost(attempt, context_.now())) continue;
        try {
            settle(context_, attempt);
        } catch (const Error&) {
            // Whoever may only read waits until somebody else settles it.
            return;
        }
    }
}

/// At first, now and then, and at once when the ledger was replaced: the worker that it names may
/// serve the file that was there before.
void JobWatch::see_to_queue(const Job& job) {
    const auto now = steady_clock::now();
    if (job.command.empty() || job.held) return;
    if (seen_to_at_ && now - *seen_to_at_ < kSeeToQueueAgain && !file_.is_replaced()) return;
    seen_to_at_ = now;
    try {
        const OnDemandWorker worker = on_demand_worker(context_);
        file_ = PathIdentity{worker.ledger};
        ensure_worker(store_, context_.clock(), worker, job.queue);
    } catch (const Error&) {
        // Whoever may start none waits for somebody else's.
        return;
    }
}

milliseconds time_left(std::optional<steady_clock::time_point> until) {
    if (!until) return kLookAgain;
    const auto left = std::chrono::ceil<milliseconds>(*until - steady_clock::now());
    return std::clamp(left, milliseconds{0}, kLookAgain);
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
