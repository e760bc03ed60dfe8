#include "ledger/policy.h"

#include <algorithm>
#include <utility>

namespace atlasjob {

namespace {

template <class T>
void replace(std::optional<T>& value, std::optional<T>& newer) {
    if (newer) value = std::move(newer);
}

}  // namespace

void merge_report(Report& report, Report newer) {
    replace(report.progress, newer.progress);
    replace(report.phase, newer.phase);
    replace(report.message, newer.message);
    replace(report.current, newer.current);
    replace(report.total, newer.total);
    replace(report.result, newer.result);
}

milliseconds backoff_delay(const Backoff& backoff, int next_attempt, double jitter) {
    if (backoff.factor <= 1.0) return backoff.base;
    constexpr auto kMax = static_cast<double>(kMaxBackoff.count());
    auto delay = std::min(static_cast<double>(backoff.base.count()), kMax);
    for (int n = 2; n < next_attempt && delay > 0 && delay < kMax; ++n)
        delay *= backoff.factor;
    delay = std::min(delay, kMax);
    const double spread = delay * 0.25 * std::clamp(jitter, 0.0, 1.0);
    return milliseconds{static_cast<std::int64_t>(delay + spread)};
}

LeaseVerdict judge_lease(
    std::optional<Time> lease_until,
    const std::optional<ClockReading>& suspect,
    Liveness executor,
    const ClockReading& now) {
    if (executor == Liveness::gone) return LeaseVerdict::reap_gone;
    if (!lease_until) return LeaseVerdict::leave;
    if (suspect) {
        return elapsed(*suspect, now) >= kSuspectSilence ? LeaseVerdict::reap_silent
                                                         : LeaseVerdict::leave;
    }
    return *lease_until <= now.time ? LeaseVerdict::mark_suspect : LeaseVerdict::leave;
}

bool is_alive(const Worker& worker, Liveness process, Time now) {
    if (process != Liveness::unknown) return process == Liveness::alive;
    return now - worker.heartbeat_at <= kLease;
}

bool is_stale(const Job& job, Time now) {
    return job.status == Status::running && job.lease_until && *job.lease_until <= now;
}

}  // namespace atlasjob
