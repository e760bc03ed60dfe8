#pragma once

#include "ledger/job.h"
#include "ledger/worker.h"

namespace atlasjob {

/// What `newer` gives replaces what `report` has: two reports become one write.
void merge_report(Report& report, Report newer);

using namespace std::chrono_literals;

inline constexpr milliseconds kLease = 45s;              ///< A supervised attempt's.
inline constexpr milliseconds kHeartbeatInterval = 10s;  ///< Four chances within a lease.
inline constexpr milliseconds kSuspectSilence = 60s;     ///< From suspect to reaped.
inline constexpr milliseconds kGrace = 10s;              ///< Between TERM and KILL.
inline constexpr milliseconds kReportInterval = 200ms;   ///< At most five progress writes a second.
inline constexpr milliseconds kTombstoneRetention = 24h * 90;
inline constexpr milliseconds kMaxBackoff = 1h;
inline constexpr milliseconds kDefaultBackoff = 10s;
inline constexpr std::int64_t kDefaultLogLimitBytes = 64LL * 1024 * 1024;

/// How long a job is kept after it ended: done and cancelled 7 days, error 30.
constexpr milliseconds default_retention(Status status) {
    return status == Status::error ? 24h * 30 : 24h * 7;
}

/// How long to wait before attempt `next_attempt` (2 or more): `base` doubled for each attempt
/// after the second, at most kMaxBackoff, then lengthened by up to a quarter by `jitter`
/// (0-1), so that jobs that failed together do not come back together.
milliseconds backoff_delay(milliseconds base, int next_attempt, double jitter);

/// What is known of the process behind an attempt.
enum class Liveness {
    alive,
    gone,     ///< Provably: no such process, a zombie, another one with its pid, another boot.
    unknown,  ///< Not ours to judge: another pid namespace or another machine.
};

/// Why an attempt may be reaped.
enum class ReapGround {
    executor_gone,  ///< Provably dead: at once.
    silent,         ///< Lease run out and silent for kSuspectSilence since it was found so.
};

/// What upkeep should do about a running attempt.
enum class LeaseVerdict { leave, mark_suspect, reap_gone, reap_silent };

/// Judges one running attempt. Age alone never counts; an attempt without a lease is never suspect
/// and, without a known executor, never gone.
LeaseVerdict judge_lease(
    std::optional<Time> lease_until, std::optional<Time> suspect_at, Liveness executor, Time now);

/// Whether a worker can be relied on at `now`: its process lives, or, where that cannot be known,
/// its last heartbeat is not older than kLease.
bool is_alive(const Worker& worker, Liveness process, Time now);

/// Whether the job runs and its executor has been silent for longer than its lease at `now`.
bool is_stale(const Job& job, Time now);

}  // namespace atlasjob
