#pragma once

#include "jobs/jobs.h"

namespace atlasjob::jobs {

/// Starts the on-end hooks that are owed. What cannot be started now is left to workers and gc.
/// Never throws: the change is durable.
void start_hooks(const Deps& deps) noexcept;

/// Ensures a worker for `queue`, or for every queue with runnable jobs. Never throws.
[[nodiscard]] EnsuredWorker ensure(
    const Deps& deps, const std::optional<std::string>& queue = std::nullopt) noexcept;

}  // namespace atlasjob::jobs
