#pragma once

#include "base/clock.h"
#include "ledger/log_store.h"
#include "ledger/store.h"
#include "runner/attempt/on_end.h"
#include "runner/attempt/supervisor.h"
#include "runner/worker/ensure_worker.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The verbs of a job, each with all its steps: the durable change, the recovery of an unknown
/// outcome, the on-end hooks of jobs that ended with it, and a worker for what it left queued.
/// What follows a change never throws and never undoes it; the store's errors pass through. Where a
/// function takes `committed`, it calls that once the change is durable and before anything
/// follows, so that an answer never waits for a hook or a worker. It must not throw. Checking that
/// the principal may see the job is the caller's part (ledger/find.h).
namespace atlasjob::jobs {

/// What these functions work with. Everything it refers to outlives the call. A verb belongs
/// to the thread that owns the store.
struct Deps {
    Store& store;
    LogStore& logs;
    const Clock& clock;
    std::string actor;  ///< The principal that acts, for the job's history.
    /// Started if a verb leaves a job that no worker serves. Names the ledger even if none can be
    /// started.
    OnDemandWorker worker;
    OnEnd on_end;  ///< Starts the on-end hooks of jobs that a verb has ended.
    /// Opens another connection, for reading, when a commit failed and its outcome is unknown.
    /// Throws Error if it cannot.
    std::function<std::unique_ptr<Store>()> reopen;
};

struct SubmitResult {
    Submitted submitted;
    EnsuredWorker worker = {};
};

struct SubmitAllResult {
    std::vector<Submitted> submitted;  ///< In the order of the jobs.
    EnsuredWorker worker = {};
};

/// Records a job, for a command to run or for the caller to execute (create, `start_as`), in one
/// durable transaction. A job that was cancelled at once by its dependencies has its on-end hook
/// started; a job with a command has a worker ensured for its queue. Neither can fail the submit.
///
/// A failed commit may have happened all the same: the job is then looked up by its id on a new
/// connection. Throws Error as Store::submit, and outcome_unknown, naming the job's id, if the
/// lookup fails or the job needs the fence that only the commit returned.
[[nodiscard]] SubmitResult submit(
    const Deps& deps,
    const NewJob& job,
    const std::function<void(const Submitted&)>& committed = {});

/// The same for many jobs, all or none recorded in one transaction. Throws outcome_unknown also if
/// some of the ids are found: jobs with a key may have been answered with an active job.
[[nodiscard]] SubmitAllResult submit_all(
    const Deps& deps,
    const std::vector<NewJob>& jobs,
    const std::function<void(std::span<const Submitted>)>& committed = {});

/// The id of the job that `name` names ("42", a job_id, "last"), also if only its tombstone is
/// left. Throws as require_job does if not even that is there.
[[nodiscard]] JobId resolve_job_or_tombstone(
    Store& store, const std::string& name, const Principal& principal);

/// The same for several names, such as the dependencies of a new job.
[[nodiscard]] std::vector<JobId> resolve_dependencies(
    Store& store, const std::vector<std::string>& names, const Principal& principal);

/// The jobs in an order in which each comes after those of them that it depends on, which is how
/// they have to be queued again; otherwise in the order given. The jobs must be read in full.
[[nodiscard]] std::vector<Job> in_dependency_order(std::vector<Job> jobs);

/// The jobs that were cancelled because of these and still are (Store::cancelled_dependents),
/// without those that are among these, each once and read in full.
[[nodiscard]] std::vector<Job> cancelled_dependents(Store& store, const std::vector<Job>& jobs);

struct RunResult {
    Submitted submitted;
    SuperviseResult supervised;
    /// Why this account did not start the job's on-end hook (Store::why_untrusted).
    std::optional<std::string> hook_refused = std::nullopt;
};

/// Records a job that starts running under this process (`job.start_as`), supervises its command to
/// its end and starts the on-end hooks that are owed then. Runs nothing if an active job has the
/// key (`submitted.created` is false). Throws as submit and supervise do. Calls `committed` once
/// the job is recorded, before its command is started.
[[nodiscard]] RunResult run(
    const Deps& deps,
    const NewJob& job,
    const SuperviseOptions& options,
    const std::function<void(const Submitted&)>& committed = {});

/// Cancels a queued job, or requests the cancellation of a running one. Starts the on-end hook
/// of a job that ended with it. Throws as Store::request_cancel.
[[nodiscard]] CancelResult cancel(const Deps& deps, const JobId& id, const CancelRequest& request);

/// The note in a job's history that a wait for its end was cancelled.
inline constexpr std::string_view kWaitCancelled = "wait_cancelled";

/// Notes that a wait was cancelled, so that every process that is asked for it knows; `wait` says
/// which. The job goes on. Throws as Store::note_event.
void cancel_wait(const Deps& deps, const JobId& id, const std::string& wait);

/// Queues an ended job again, or releases a held one, and ensures a worker for its queue. Throws as
/// Store::retry.
[[nodiscard]] EnsuredWorker retry(
    const Deps& deps, const Job& job, const std::function<void()>& committed = {});

/// Changes a queued job and ensures a worker for the queue it is in then. Throws as Store::edit.
[[nodiscard]] EnsuredWorker edit(
    const Deps& deps,
    const Job& job,
    const JobEdit& edit,
    const std::function<void()>& committed = {});

/// Starts a created job: its executor begins. A held job with a command is released instead, and a
/// worker ensured. Throws as Store::start and Store::retry.
[[nodiscard]] EnsuredWorker start(const Deps& deps, const Job& job);

/// Renews the lease of an executor that has nothing to report; nullopt if the attempt is no longer
/// the open one.
[[nodiscard]] std::optional<HeartbeatReply> heartbeat(const Deps& deps, const AttemptKey& attempt);

/// Records a report of the executor; nullopt if the attempt is no longer the open one.
[[nodiscard]] std::optional<HeartbeatReply> report(
    const Deps& deps, const AttemptKey& attempt, const Report& report);

/// Ends the open attempt and starts the on-end hooks that are owed then; nullopt if the attempt
/// is no longer the open one. Throws as Store::finish.
[[nodiscard]] std::optional<Finished> finish(
    const Deps& deps, const AttemptKey& attempt, const Outcome& outcome);

/// Deletes an ended job, then its output. Output that cannot be removed now is left to gc. Throws
/// as Store::remove.
PrunedJob remove(const Deps& deps, const JobId& id);

/// Pauses one queue, or all (nullopt). False if it was paused already.
[[nodiscard]] bool pause(const Deps& deps, const std::optional<std::string>& queue);

struct Resumed {
    bool changed = false;  ///< False: it was not paused.
    EnsuredWorker worker = {};
};

/// Resumes one queue, or all (nullopt), and ensures a worker for it.
[[nodiscard]] Resumed resume(
    const Deps& deps,
    const std::optional<std::string>& queue,
    const std::function<void(bool changed)>& committed = {});

struct ReapResult {
    int reaped = 0;    ///< Attempts that ended, or
    int requeued = 0;  ///< are queued again.
    EnsuredWorker worker = {};
};

/// Reaps running attempts whose supervisor is gone: all, or the one of `only`. What their commands
/// left running is ended first, which may take seconds. Ensures a worker if one was queued again.
[[nodiscard]] ReapResult reap(const Deps& deps, const std::optional<JobId>& only = std::nullopt);

}  // namespace atlasjob::jobs
