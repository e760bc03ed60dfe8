#pragma once

#include "ledger/store.h"

namespace atlasjob {

/// How crowded it is before a job of a queue and an account that is due: in the queue, and at the
/// workers that serve it.
struct QueueCrowd {
    std::optional<int> limit;   ///< How many jobs of the queue may run at a time, if it is limited.
    std::int64_t running = 0;   ///< How many do.
    int slots = 0;              ///< Of the live workers that may run the job and are not draining.
    std::int64_t commands = 0;  ///< How many of these slots may be taken.

    bool is_full() const { return limit && running >= *limit; }
    /// Everybody who may run the job has something to do. False when nobody does.
    bool is_busy() const { return slots > 0 && commands >= slots; }
};

/// As of now. `account` as Job::account, `queue_slots`: the limited queues (ClaimRequest).
QueueCrowd crowd_of(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now);

}  // namespace atlasjob
