#include "jobs/wait.h"

#include "base/error.h"
#include "runner/maintenance/gc.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atlasjob::jobs {

namespace {

using std::chrono::steady_clock;

/// Interval between checks that a queued job's queue has a worker.
constexpr std::chrono::seconds kWorkerCheckInterval{5};

using LastTime = std::optional<steady_clock::time_point>;

bool is_due(const LastTime& last, steady_clock::duration interval) {
    return !last || steady_clock::now() - *last >= interval;
}

JobEnd end_of_deleted(Store& store, const JobId& id, const Principal& principal) {
    if (const auto tombstone = store.tombstone(JobRef::of(id), principal))
        return {tombstone->last_status, tombstone->last_reason, {}};
    throw Error(
        ErrorCode::not_found, fmt::format("job {} no longer exists", id.view()),
        "see atlasjob list");
}

}  // namespace

Deadline::Deadline(const std::optional<milliseconds>& limit) {
    if (limit) at_ = steady_clock::now() + *limit;
}

milliseconds Deadline::until_next_look() const {
    if (!at_) return kPollInterval;
    const auto left = std::chrono::ceil<milliseconds>(*at_ - steady_clock::now());
    return std::clamp(left, milliseconds{0}, kPollInterval);
}

bool sleep_on(ChangeWatch& watch, const Deadline& deadline) {
    const milliseconds left = deadline.until_next_look();
    if (left.count() == 0) return false;
    static_cast<void>(watch.wait(left));
    return true;
}

Look look_at(Store& store, const JobId& id, const Principal& principal) {
    auto job = store.get(JobRef::of(id), principal, Detail::summary);
    if (job && is_terminal(job->status)) job = store.get(JobRef::of(id), principal, Detail::full);
    if (!job) return {{}, end_of_deleted(store, id, principal)};
    // It may have been retried between the two reads.
    if (!is_terminal(job->status)) return {std::move(job), {}};
    return {{}, JobEnd{job->status, job->reason, std::move(job)}};
}

std::vector<JobId> may_be_lost(Store& store, const std::set<JobId>& watched) {
    const ClockReading now = store.read_clock();
    std::vector<JobId> found;
    for (const RunningAttempt& attempt : store.running_attempts()) {
        const JobId& id = attempt.key.job_id;
        if (watched.contains(id) && atlasjob::may_be_lost(attempt, now)) found.push_back(id);
    }
    return found;
}

JobWatch::JobWatch(WatchDeps deps, const JobId& id)
    : deps_(std::move(deps)), id_(id), file_(deps_.ledger.identity()) {}

std::optional<JobEnd> JobWatch::poll() {
    Look look = look_at(deps_.store, id_, deps_.principal);
    if (look.end) return std::move(look.end);
    if (look.active->status == Status::running) reap_if_lost();
    if (look.active->status == Status::queued && !look.active->held) ensure_queue_has_worker();
    return {};
}

void JobWatch::reap_if_lost() {
    if (!is_due(reap_checked_at_, kPollInterval)) return;
    reap_checked_at_ = steady_clock::now();
    if (may_be_lost(deps_.store, {id_}).empty()) return;
    try {
        deps_.reap(id_);
    } catch (const Error&) {
        // Without write access, wait until another process reaps it.
        return;
    }
}

/// Runs at the first poll, then every kWorkerCheckInterval, and at once if the ledger was replaced:
/// the worker it lists may serve the previous file.
void JobWatch::ensure_queue_has_worker() {
    if (!is_due(worker_checked_at_, kWorkerCheckInterval) && !file_.is_replaced()) return;
    const auto job = deps_.store.get(JobRef::of(id_), deps_.principal, Detail::full);
    worker_checked_at_ = steady_clock::now();
    file_ = deps_.ledger.identity();
    if (!job || job->command.empty()) return;
    try {
        ensure_worker(deps_.store, deps_.worker(), job->queue);
    } catch (const Error&) {
        // Without permission to start a worker, wait for one of another process.
        return;
    }
}

std::size_t JobWatches::add(JobWatch watch) {
    watched_.push_back({std::move(watch), {}});
    return watched_.size() - 1;
}

bool JobWatches::poll() {
    const bool any = until_ == Until::one_ended;
    const bool all = any || is_due(polled_all_at_, kPollInterval);
    if (all) polled_all_at_ = steady_clock::now();
    bool is_waiting = false;
    for (Watched& watched : watched_) {
        if (watched.end) continue;
        watched.end = watched.watch.poll();
        if (watched.end && any) return false;
        is_waiting = is_waiting || !watched.end;
        if (is_waiting && !all) return true;
    }
    return is_waiting;
}

}  // namespace atlasjob::jobs
