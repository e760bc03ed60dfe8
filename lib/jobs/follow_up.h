#pragma once

#include "jobs/jobs.h"
#include "runner/worker/restricted_worker.h"

namespace atlasjob::jobs {

/// Starts the on-end hooks that are owed. What cannot be started now is left to workers and gc.
/// Never throws: the change is durable.
void start_hooks(const Deps& deps) noexcept;

/// Replaces an on-demand worker that cannot give jobs with these attributes what the caller's could
/// (restricted_worker.h). Before the change, as a worker claims a job at once; whether it is served
/// then, ensure() tells. Never throws.
[[nodiscard]] EnsuredWorker prepare_worker(
    const Deps& deps, const std::function<JobAttributes()>& attributes) noexcept;

/// Ensures a worker for `queue`, or for every queue with runnable jobs. Never throws.
[[nodiscard]] EnsuredWorker ensure(
    const Deps& deps, const std::optional<std::string>& queue = std::nullopt) noexcept;

}  // namespace atlasjob::jobs
