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

/// How long jobs of one kind ran, from start to end of their last attempt.
struct DurationsOfKind {
    std::string kind;
    std::int64_t jobs = 0;
    milliseconds p50{};
    milliseconds p95{};
};

/// What the counts do not say. Durations are those of the newest 10,000 jobs that ran to their end;
/// percentiles by the nearest-rank method.
struct Statistics {
    std::optional<Time> oldest_queued_at;  ///< When the oldest job that is due was made.
    std::int64_t ended_last_hour = 0;      ///< Jobs that ended in the hour before.
    std::optional<DurationsOfKind> all;    ///< Of all kinds; its `kind` is empty.
    std::vector<DurationsOfKind> by_kind;  ///< By name.
};

/// How long one job ran.
struct JobDuration {
    std::string kind;
    milliseconds duration{};
};

/// Sets `all` and `by_kind` from single durations.
void add_durations(Statistics& statistics, const std::vector<JobDuration>& durations);

}  // namespace atlasjob
