#pragma once

#include "ledger/store.h"
#include "view/style.h"

#include <string>
#include <vector>

namespace atlasjob::view {

/// The data that `stats` shows.
struct StatisticsPage {
    std::vector<Count> counts;
    Statistics statistics;
    Time now;
};

/// {"by_status":{"queued":N,…},"total":N,"by_queue":{…},"by_kind":{…},"counts":[…],
///  "oldest_queued_at":…,"throughput":{"ended_last_hour":N},
///  "durations":{"jobs","p50_ms","p95_ms","by_kind":{…}}}; durations are null if no job has run.
std::string statistics_json(const StatisticsPage& page);
std::string statistics_text(const StatisticsPage& page, const Style& style);

}  // namespace atlasjob::view
