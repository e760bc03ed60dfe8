#pragma once

#include "runner/worker/ensure_worker.h"

#include <csignal>

namespace atlasjob {

/// Makes an on-demand worker drain. Unlike TERM, a second one does not stop its running jobs.
inline constexpr int kDrainSignal = SIGUSR1;

/// Every job runs with the nice value and limits of its submitter, but a worker cannot exceed those
/// of the process that started it. If the ledger's on-demand worker may not give a job what this
/// process has, makes it drain and starts another one, which can. Call it before a verb that may
/// leave a runnable job. Usually reads three small files; waits up to 2 s for a worker to drain,
/// whose running jobs then end beside those of its successor. Throws Error if the lock's file
/// cannot be used.
void replace_restricted_worker(Store& store, const OnDemandWorker& worker);

}  // namespace atlasjob
