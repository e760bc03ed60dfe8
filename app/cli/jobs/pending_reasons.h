#pragma once

#include "cli/context.h"
#include "ledger/store.h"
#include "view/job_text.h"

#include <string>
#include <vector>

namespace atlasjob::cli {

/// What keeps a queued job from starting now: other jobs, its time, a pause, a full queue,
/// busy workers, or that there is nobody to run it. Empty for a job that is not queued, or that is
/// next.
std::vector<view::PendingReason> pending_reasons(
    const Context& context, Store& store, const Job& job);

/// What is known of the workers: those that live, and whether queued jobs have none.
Finding check_workers(Store& store, Time now);

/// Running jobs whose executor is gone or has been silent for longer than its lease.
Finding check_leases(Store& store, Time now);

}  // namespace atlasjob::cli
