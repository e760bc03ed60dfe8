#pragma once

#include "base/clock.h"
#include "ledger/job.h"
#include "ledger/worker.h"

namespace atlasjob {

/// Merges two reports into one: fields that `newer` has replace those of `report`.
void merge_report(Report& report, Report newer);

using namespace std::chrono_literals;

inline constexpr milliseconds kLease = 45s;              ///< Of a supervised attempt.
inline constexpr milliseconds kHeartbeatInterval = 10s;  ///< Four heartbeats per lease.
inline constexpr milliseconds kSuspectSilence = 60s;     ///< From suspect to reaped.
inline constexpr milliseconds kGrace = 10s;              ///< Between the kill signal and SIGKILL.
inline constexpr milliseconds kReportInterval = 200ms;   ///< At most five progress writes a second.
inline constexpr milliseconds kTombstoneRetention = 24h * 90;
inline constexpr milliseconds kMaxBackoff = 1h;
inline constexpr milliseconds kDefaultBackoff = 10s;
inline constexpr std::int64_t kDefaultLogLimitBytes = 64LL * 1024 * 1024;

/// How long an ended job is kept: 7 days if done or cancelled, 30 days if error.
constexpr milliseconds default_retention(Status status) {
    return status == Status::error ? 24h * 30 : 24h * 7;
}

inline constexpr double kDefaultBackoffFactor = 2.0;

/// A delay that grows with each failed attempt.
struct Backoff {
    milliseconds base = kDefaultBackoff;    ///< Before the second attempt.
    double factor = kDefaultBackoffFactor;  ///< At least 1.
};

/// The delay before attempt `next_attempt` (2 or more): the base, multiplied by the factor for each
/// attempt after the second, capped at kMaxBackoff, then extended by up to a quarter according to
/// `jitter` (0-1), so that jobs that failed together are not retried together. With the factor 1 it
/// is always exactly the base.
milliseconds backoff_delay(const Backoff& backoff, int next_attempt, double jitter);

/// What is known about the process behind an attempt.
enum class Liveness {
    alive,
    gone,     ///< Proven: no such process, a zombie, its pid reused, or an earlier boot.
    unknown,  ///< Cannot be judged from here: another pid namespace or another machine.
};

/// Why an attempt may be reaped.
enum class ReapGround {
    executor_gone,  ///< The executor is provably dead; reaped immediately.
    silent,         ///< Suspect (lease expired), and still silent kSuspectSilence later.
};

/// What maintenance should do about a running attempt.
enum class LeaseVerdict { leave, mark_suspect, reap_gone, reap_silent };

/// Judges one running attempt. How long it has been running is irrelevant. Its silence since it
/// became suspect counts as elapsed() does. An attempt without a
/// lease never becomes suspect; one without a known executor is never `gone`.
[[nodiscard]] LeaseVerdict judge_lease(
    std::optional<Time> lease_until,
    const std::optional<ClockReading>& suspect,
    Liveness executor,
    const ClockReading& now);

/// Whether a worker is alive at `now`: its process is, or, if that is unknown, its last heartbeat
/// is at most kLease old.
bool is_alive(const Worker& worker, Liveness process, Time now);

/// Whether the job is running and its lease has expired at `now`.
bool is_stale(const Job& job, Time now);

}  // namespace atlasjob
