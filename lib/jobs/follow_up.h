#pragma once

#include "jobs/jobs.h"

namespace atlasjob::jobs {

/// Starts the on-end hooks that are owed. What cannot be started now is left to workers and gc.
/// Never throws: the change is durable.
void start_hooks(const Deps& deps) noexcept;

/// Replaces an on-demand worker that may not give the caller's jobs what the caller has
/// (restricted_worker.h). Before the change, as a worker claims a job at once. Never throws.
void prepare_worker(const Deps& deps) noexcept;

/// Ensures a worker for `queue`, or for every queue with runnable jobs. Never throws.
[[nodiscard]] EnsuredWorker ensure(
    const Deps& deps, const std::optional<std::string>& queue = std::nullopt) noexcept;

}  // namespace atlasjob::jobs
