#pragma once

#include "base/process_identity.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace atlasjob {

/// A worker that is to be entered in the ledger.
struct NewWorker {
    ProcessIdentity process;
    std::vector<std::string> queues;  ///< Empty: every queue.
    int slots = 1;                    ///< Jobs it runs at a time.
};

/// A worker as the ledger knows it. Whether it lives is judged by policy.h.
struct Worker {
    std::int64_t id = 0;
    NewWorker is;
    bool draining = false;  ///< Takes no more work.
    Time started_at;
    Time heartbeat_at;

    bool serves(const std::string& queue) const;
};

}  // namespace atlasjob
