#pragma once

#include "cli/context.h"
#include "runner/worker/ensure_worker.h"

namespace atlasjob::cli {

/// Which worker is started where work is left with nobody to run it; none (an empty command) where
/// ATLASJOB_ON_DEMAND_WORKER or the config file says false. To be asked for before anything is
/// written: throws invalid_argument for settings that are not understood.
OnDemandWorker on_demand_worker(const Context& context);

/// Says on stderr, once and not with -q, why this account starts no worker
/// (EnsuredWorker::refused); nothing where it does not refuse.
void note_refusal(const Context& context, const std::optional<Error>& refused);

/// Makes sure that what a verb has just left runnable will be run. `queue`: all of it is in that
/// one. If a worker cannot or must not be started, prints why on stderr; that is no error.
void ensure_worker(
    const Context& context,
    Store& store,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue = std::nullopt);

}  // namespace atlasjob::cli
