#pragma once

#include "base/time.h"
#include "ledger/status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

struct Count {
    std::string queue;
    std::string kind;
    Status status = Status::queued;
    std::int64_t jobs = 0;
};

/// How long jobs of one kind ran, from the start to the end of their last attempt.
struct DurationsOfKind {
    std::string kind;
    std::int64_t jobs = 0;
    milliseconds p50{};
    milliseconds p95{};
};

/// Queue age, throughput and durations. Durations cover the newest 10,000 jobs that ran to their
/// end; percentiles use the nearest-rank method.
struct Statistics {
    std::optional<Time> oldest_queued_at;  ///< created_at of the oldest due job.
    std::int64_t ended_last_hour = 0;      ///< Jobs that ended within the last hour.
    std::optional<DurationsOfKind> all;    ///< All kinds; its `kind` is empty.
    std::vector<DurationsOfKind> by_kind;  ///< Sorted by kind.
};

/// How long one job ran.
struct JobDuration {
    std::string kind;
    milliseconds duration{};
};

/// Sets `all` and `by_kind` from the durations of single jobs.
void add_durations(Statistics& statistics, const std::vector<JobDuration>& durations);

}  // namespace atlasjob
