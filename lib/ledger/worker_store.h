#pragma once

#include "base/error.h"
#include "ledger/job_store.h"
#include "ledger/worker.h"

#include <map>

namespace atlasjob {

struct ClaimRequest {
    AttemptOwner owner;
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< Maximum of running jobs, by queue.
    std::string actor;
    /// Claims only jobs of this account or of none, and only while no other account can write the
    /// ledger: each claim repeats the part of why_untrusted that can change. nullopt: claims jobs
    /// of any account, from any ledger.
    std::optional<AccountId> account = std::nullopt;
    /// The worker that asks; while its row says that it is draining, nothing is claimed.
    std::optional<ProcessIdentity> worker = std::nullopt;
};

/// A claimed job, with the attempt that was opened for the caller.
struct Claim {
    Job job;
    CommandSpec command;
    AttemptKey attempt;
};

struct FinishedAndClaimed {
    std::optional<Finished> finished;  ///< nullopt: the attempt was lost.
    /// nullopt: no work is due, or this call did not end the attempt; the caller may claim().
    std::optional<Claim> claim;
};

/// The verbs of workers and supervisors (store.h has what all verbs share).
class WorkerStore {
  public:
    WorkerStore() = default;
    WorkerStore(const WorkerStore&) = delete;
    WorkerStore& operator=(const WorkerStore&) = delete;
    virtual ~WorkerStore() = default;

    // --- Attempts
    // ---------------------------------------------------------------------------------

    /// Opens an attempt of the oldest job of the highest priority that has a command, is due, has
    /// its dependencies met, belongs to the requested account and is in a queue that is open and
    /// has a free slot. Two callers never get the same job. nullopt if there is no such job, if the
    /// request names an account and another account can write the ledger, or if its worker drains.
    [[nodiscard]] virtual std::optional<Claim> claim(const ClaimRequest& request) = 0;
    /// Finishes an attempt and claims the next job in one step. Claims only if this call ended the
    /// attempt: a caller that has lost it or repeats a finish may not be there to run a job.
    [[nodiscard]] virtual FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt, const Outcome& outcome, const ClaimRequest& request) = 0;
    /// The earliest time at which a queued job that is not yet due becomes due. Considers jobs of
    /// `account` or of none; nullopt considers all.
    [[nodiscard]] virtual std::optional<Time> next_due(const std::optional<AccountId>& account) = 0;
    /// Notes which process runs the attempt's command, so that a reaper that finds the supervisor
    /// dead can kill it first. Returns false if the attempt is lost.
    [[nodiscard]] virtual bool note_process(
        const AttemptKey& attempt, const ProcessIdentity& process) = 0;
    /// Renews the lease and clears a suspicion. Changes neither rev nor updated_at. nullopt: the
    /// attempt is lost; the caller must stop and discard its work.
    [[nodiscard]] virtual std::optional<HeartbeatReply> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes) = 0;
    /// Hands back an attempt whose command was never spawned, as if it had not been claimed.
    /// Returns false if the attempt is lost.
    [[nodiscard]] virtual bool release(const AttemptKey& attempt, const std::string& actor) = 0;

    // --- Workers
    // ----------------------------------------------------------------------------------

    /// Registers a worker before it claims anything; returns its id.
    [[nodiscard]] virtual std::int64_t register_worker(const NewWorker& worker) = 0;
    /// Returns false if the worker was presumed dead and deregistered; it must register again.
    [[nodiscard]] virtual bool worker_heartbeat(std::int64_t worker_id, bool draining) = 0;
    /// Deregisters a worker that exits or is known to be dead.
    virtual void unregister_worker(std::int64_t worker_id) = 0;
    /// All registered workers, dead ones included, in the order of registration.
    [[nodiscard]] virtual std::vector<Worker> workers() = 0;
};

}  // namespace atlasjob
