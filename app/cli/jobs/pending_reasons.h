#pragma once

#include "cli/context.h"
#include "ledger/store.h"
#include "view/job_text.h"

#include <string>
#include <vector>

namespace atlasjob::cli {

/// Why a queued job does not start now: dependencies, its start time, a pause, a full queue, busy
/// workers, or no worker. Empty for a job that is not queued or is next.
std::vector<view::PendingReason> pending_reasons(
    const Context& context, Store& store, const Job& job);

/// Lists the living workers, with a note if queued jobs have none.
Finding check_workers(Store& store, Time now);

/// Lists running jobs whose supervisor is gone or whose lease has expired.
Finding check_leases(Store& store, Time now);

}  // namespace atlasjob::cli
