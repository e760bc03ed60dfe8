#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

// Store::pause, resume and paused_queues in the caller's transaction.

bool pause_queue(
    Connection& connection,
    const std::optional<std::string>& queue,
    const std::string& actor,
    Time now);
bool resume_queue(Connection& connection, const std::optional<std::string>& queue);
std::vector<PausedQueue> paused_queues(Connection& connection);

/// What is paused, for a claim.
struct PausedQueues {
    bool all = false;
    std::vector<std::string> queues;  ///< Usually empty.

    bool contains(const std::string& queue) const;
};

/// One probe, regardless of the number of queues.
PausedQueues load_paused_queues(Connection& connection);

}  // namespace atlasjob::sqlite
