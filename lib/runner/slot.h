#pragma once

#include "base/clock.h"
#include "ledger/store.h"
#include "runner/pace.h"

#include <map>

namespace atlasjob {

struct SlotOptions {
    std::string ledger;     ///< Absolute; told to the commands.
    std::string logs_root;  ///< Where output goes (log_files.h).
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< At most so many running jobs in these queues.
    Pace pace;
};

/// One slot of a worker, a process of its own: claims, supervises and finishes one job after the
/// other, and sleeps on the bell between them. Leaves when its worker (the parent) is gone, or when
/// told to by TERM, once the job at hand has ended; a second TERM ends that job with reason
/// shutdown, or hands it back when its command was never spawned. Returns the exit status.
int run_slot(Store& store, const Clock& clock, const SlotOptions& options);

}  // namespace atlasjob
