#pragma once

#include "runner/worker/ensure_worker.h"

#include <csignal>
#include <functional>
#include <string>
#include <vector>

namespace atlasjob {

/// Makes an on-demand worker drain. Unlike TERM, a second one does not stop its running jobs.
inline constexpr int kDrainSignal = SIGUSR1;
/// How long its sender waits for the worker to release its lock.
inline constexpr milliseconds kMaxDrainWait{2000};

/// The attributes of jobs (CommandSpec::attributes), each once.
using JobAttributes = std::vector<std::string>;

/// Every job runs with the nice value and limits of its submitter, but a worker cannot exceed those
/// of the process that started it. If the ledger's on-demand worker cannot give the jobs what one
/// started by this process could (is_more_restricted), makes it drain and starts that one; returns
/// what became of it. Not while a worker drains already, and not on a ledger whose jobs this
/// account must not run; signals only processes of this account. Call it before a verb that may
/// leave a runnable job. `attributes` is called only if there is an on-demand worker.
///
/// Usually reads three small files; waits up to 2 s for a worker to drain, whose running jobs then
/// end beside those of its successor. Throws Error if the lock's file cannot be used.
[[nodiscard]] EnsuredWorker replace_restricted_worker(
    Store& store, const OnDemandWorker& worker, const std::function<JobAttributes()>& attributes);

}  // namespace atlasjob
