#pragma once

#include "ledger/store.h"

#include <string>
#include <vector>

namespace atlasjob::cli {

/// What keeps a queued job from starting at `now`, a line each: a pause, its time, other jobs, or
/// that there is nobody to run it. Empty for a job that is not queued.
std::vector<std::string> waits_for(
    Store& store, const Job& job, const Principal& principal, Time now);

/// What is known of the workers: those that live, and whether queued jobs have none.
Finding check_workers(Store& store, Time now);

/// Running jobs whose executor is gone or has been silent for longer than its lease.
Finding check_leases(Store& store, Time now);

}  // namespace atlasjob::cli
