#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ledger/store.h"

namespace atlasjob {

struct OnDemandWorker {
    std::string ledger;  ///< Absolute.
    /// The argv of a worker with on_demand, run from this very program; empty: start none.
    std::vector<std::string> command;
};

/// What ensure_worker came to.
struct EnsuredWorker {
    /// Somebody serves what is runnable, or nothing is. Else gc tries again.
    bool served = true;
    /// Why this account starts none, and what is to be done (untrusted_error): what is runnable
    /// waits for another account's worker.
    std::optional<Error> refused = std::nullopt;
};

/// Makes sure that a live worker that is not draining serves `queue` (nothing: whatever queues have
/// rows that are runnable now or later), else starts a detached one and returns at once. To be
/// called after every verb that leaves a runnable row. Does nothing where nothing is runnable by
/// this account, and starts none on a ledger that is not to be trusted (Store::why_untrusted).
/// Neither that nor a worker that cannot be started is an error of the verb. Never throws an Error.
///
/// Whoever starts the worker takes the lock for it and hands it down, so that many who come at once
/// start one. The worker has none of the caller's other descriptors, no terminal, and a session of
/// its own. One that has ended is reaped by the next call.
EnsuredWorker ensure_worker(
    Store& store,
    const Clock& clock,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue = std::nullopt);

/// How crowded it is before a job of a queue and an account that is due: in the queue, and at the
/// workers that serve it.
struct QueueLoad {
    std::optional<int> limit;   ///< How many jobs of the queue may run at a time, if it is limited.
    std::int64_t running = 0;   ///< How many do.
    int slots = 0;              ///< Of the live workers that may run the job and are not draining.
    std::int64_t commands = 0;  ///< How many of these slots may be taken.

    bool is_full() const { return limit && running >= *limit; }
    /// Everybody who may run the job has something to do. False when nobody does.
    bool is_busy() const { return slots > 0 && commands >= slots; }
};

/// As of now. `account` as Job::account, `queue_slots`: the limited queues (ClaimRequest).
QueueLoad queue_load(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now);

}  // namespace atlasjob
