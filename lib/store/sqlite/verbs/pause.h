#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"

namespace atlasjob::sqlite {

// Store::pause, resume and paused_queues within the caller's transaction.

bool pause_queue(
    Connection& connection,
    const std::optional<std::string>& queue,
    const std::string& actor,
    Time now);
bool resume_queue(Connection& connection, const std::optional<std::string>& queue);
std::vector<PausedQueue> paused_queues(Connection& connection);

/// What is paused, as a claim asks for it.
struct PausedQueues {
    bool all = false;
    std::vector<std::string> queues;  ///< Empty as a rule.

    bool close(const std::string& queue) const;
};

/// One probe, however many queues there are.
PausedQueues load_pauses(Connection& connection);

}  // namespace atlasjob::sqlite
