#pragma once

#include "cli/context.h"
#include "runner/worker/ensure_worker.h"

namespace atlasjob::cli {

/// How to start a worker for runnable jobs without one. The command is empty if
/// ATLASJOB_ON_DEMAND_WORKER or the config file disables it. Throws invalid_argument for invalid
/// settings, so call it before anything is written.
OnDemandWorker on_demand_worker(const Context& context);

/// Prints to stderr why this account does not start a worker (EnsuredWorker::refused), at most once
/// and not with -q. No effect if `refused` is nullopt.
void note_refusal(const Context& context, const std::optional<Error>& refused);

/// Ensures that a worker will run the jobs a command has just made runnable; all of them are in
/// `queue` if it is given. If a worker cannot or must not be started, prints the reason to stderr,
/// which is not an error.
void ensure_worker(
    const Context& context,
    Store& store,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue = std::nullopt);

}  // namespace atlasjob::cli
