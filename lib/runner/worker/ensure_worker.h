#pragma once

#include "base/error.h"
#include "ledger/address.h"
#include "ledger/policy.h"
#include "ledger/store.h"
#include "runner/worker/worker_log.h"

namespace atlasjob {

/// How to start an on-demand worker.
struct OnDemandWorker {
    LedgerAddress ledger;
    /// The argv with which this program is started again as a worker with on_demand; empty: none is
    /// started.
    std::vector<std::string> command;
};

/// Result of ensure_worker().
struct EnsuredWorker {
    /// Every runnable job has a worker, or there are none. If false, gc tries again.
    bool served = true;
    /// Set if this account may not start a worker (untrusted_error): runnable jobs wait for a
    /// worker of another account.
    std::optional<Error> refused = std::nullopt;
    bool started = false;  ///< This call has started a worker.
    /// Set if a worker was started that ends with the account's last logout, its jobs with it.
    bool ends_at_logout = false;
    /// With `started`: the error that the last worker ended with.
    std::optional<WorkerError> last_error = std::nullopt;
};

/// What two calls have done, as the result of one.
[[nodiscard]] EnsuredWorker merged(EnsuredWorker first, EnsuredWorker second);

/// A worker sends a heartbeat every 10 s. One that has not done so for this long serves nobody,
/// even if its process exists: it is stopped, or hangs.
inline constexpr milliseconds kWorkerSilence = kLease + kSuspectSilence;

/// Whether the worker is there and gives signs of life. Time that the machine may have slept since
/// its last heartbeat does not count, unless the process is stopped.
bool is_serving(const Worker& worker, Time now);
/// Whether the worker's process may exist, but it has given no sign of life for kWorkerSilence.
bool is_silent(const Worker& worker, Time now);
/// How many runnable jobs, of any account, have no serving worker that may run them.
std::int64_t count_unserved(Store& store);

/// Ensures that a live worker that is not draining serves `queue` (nullopt: every queue with jobs
/// that are runnable now or later); if not, starts a detached on-demand worker where it lives
/// longest (placed_exec). Call it after every verb that may leave a runnable job. Does nothing if
/// this account has no runnable jobs, and starts no worker on an untrusted ledger
/// (Store::why_untrusted). Never throws an Error, as the verb before it has succeeded.
///
/// The caller takes the worker's lock and passes it to the new process, so that many callers at
/// once start only one worker. A lock whose holder serves nobody (kWorkerSilence) is replaced. The
/// worker inherits no other descriptor and no terminal, and has a
/// session of its own. Workers that have exited are reaped by the next call.
EnsuredWorker ensure_worker(
    Store& store,
    const OnDemandWorker& worker,
    const std::optional<std::string>& queue = std::nullopt);

/// Whether a due job of one queue and account can start: the load of the queue and of the workers
/// that serve it.
struct QueueLoad {
    std::optional<int> limit;   ///< Of jobs running in the queue at the same time.
    std::int64_t running = 0;   ///< Jobs running in the queue.
    int slots = 0;              ///< Of live workers that may run the job and are not draining.
    std::int64_t commands = 0;  ///< How many of these slots may be in use.

    bool is_full() const { return limit && running >= *limit; }
    /// Whether all slots that may run the job are in use. False if there are none.
    bool is_busy() const { return slots > 0 && commands >= slots; }
};

/// The current load. `account` is Job::account, `queue_slots` has the limited queues
/// (ClaimRequest).
[[nodiscard]] QueueLoad queue_load(
    Store& store,
    const std::string& queue,
    const std::optional<AccountId>& account,
    const std::map<std::string, int>& queue_slots,
    Time now);

}  // namespace atlasjob
