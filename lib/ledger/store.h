#pragma once

#include "base/error.h"
#include "ledger/job.h"
#include "ledger/policy.h"
#include "ledger/query.h"
#include "ledger/record.h"
#include "ledger/statistics.h"
#include "ledger/transition.h"
#include "ledger/worker.h"

#include <map>
#include <memory>
#include <span>

namespace atlasjob {

/// The result of submit.
struct Submitted {
    JobId job_id;  ///< The new job, or the active one that holds the key.
    std::int64_t seq = 0;
    bool created = true;  ///< False: an active job of this owner has the key; nothing was written.
    std::int64_t fence = 0;  ///< Of the open attempt, if the job was created running.
};

struct ClaimRequest {
    AttemptOwner owner;
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< Maximum of running jobs, by queue.
    std::string actor;
    /// Claims only jobs of this account or of none, and only while no other account can write the
    /// ledger: each claim repeats the part of why_untrusted that can change. nullopt: claims jobs
    /// of any account, from any ledger.
    std::optional<AccountId> account = std::nullopt;
};

/// A claimed job, with the attempt that was opened for the caller.
struct Claim {
    Job job;
    CommandSpec command;
    AttemptKey attempt;
};

/// The answer to a heartbeat or a report.
struct HeartbeatReply {
    std::optional<Time> cancel_requested_at;
    std::optional<milliseconds> cancel_grace;
};

/// The status of a job after its attempt ended.
struct Finished {
    Status status = Status::done;   ///< queued: another attempt follows.
    std::optional<Time> run_after;  ///< Earliest start of that attempt.
};

struct FinishedAndClaimed {
    std::optional<Finished> finished;  ///< nullopt: the attempt was lost.
    /// nullopt: no work is due, or this call did not end the attempt; the caller may claim().
    std::optional<Claim> claim;
};

struct CancelRequest {
    std::string actor;
    std::optional<std::string> text;    ///< For the job's error: "Cancelled by user: <text>".
    std::optional<milliseconds> grace;  ///< Between SIGTERM and SIGKILL.
};

enum class CancelResult {
    cancelled,          ///< It was queued and will never run.
    requested,          ///< It is running and was asked to stop.
    already_requested,  ///< It was asked to stop before; nothing was written.
    already_terminal,   ///< It has already ended; nothing was written.
};

/// What is paused, by whom and since when.
struct PausedQueue {
    std::optional<std::string> queue;  ///< nullopt: every queue.
    std::string actor;
    Time since;
};

/// A running attempt, as maintenance needs it.
struct RunningAttempt {
    AttemptKey key;
    std::int64_t seq = 0;
    std::optional<ProcessIdentity> supervisor;
    std::optional<ProcessIdentity> process;  ///< The command's process; nullopt until it is noted.
    std::optional<Time> lease_until;
    std::optional<Time> suspect_at;
    std::string queue{};
    /// Imported: it may be running where it came from, cannot be judged here, and takes no slot of
    /// its queue.
    bool elsewhere = false;
};

/// The number of queued jobs of an account and queue that need only a worker, now or later.
struct RunnableJobs {
    std::optional<AccountId> account;  ///< As Job::account.
    std::string queue;
    std::int64_t count = 0;
};

/// An ended job whose on-end hook (CommandSpec::on_end) has not been started.
struct OwedHook {
    JobId job_id;
    Time ended_at;
    std::optional<ProcessIdentity> ran_by;  ///< Supervisor of its last attempt, if known.
};

/// How long gc keeps ended jobs, by status. A job's own retention overrides these.
struct Retention {
    std::optional<milliseconds> done;
    std::optional<milliseconds> error;
    std::optional<milliseconds> cancelled;

    milliseconds of(Status status) const;
};

struct PrunedJob {
    JobId job_id;
    std::int64_t seq = 0;
    int attempts = 0;  ///< Its log files are numbered from 1 to this.
};

enum class Detail {
    summary,  ///< Only the row: labels, after, command, cwd and worker stay empty.
    full,
};

/// One result of a health check.
struct Finding {
    enum class Level { ok, note, problem };

    Level level = Level::ok;
    std::string subject;  ///< One or two words: "schema", "write lock".
    std::string text;     ///< What was found.
    std::string fix;      ///< What to do; empty if nothing needs to be done.
    /// The error that other commands fail with because of it, if any.
    std::optional<ErrorCode> code = std::nullopt;
};

struct ImportRequest {
    RecordSource next;  ///< Called under the write lock, so it should not block.
    /// The highest `seq` of all records, if known. Jobs whose number is taken are renumbered above
    /// it, so that they do not take the number of another record.
    std::int64_t highest_seq = 0;
};

/// A job that was imported under another number because its own was taken.
struct Renumbered {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

struct Imported {
    std::int64_t recorded = 0;
    std::int64_t held = 0;     ///< Of those recorded: queued jobs with a command.
    std::int64_t skipped = 0;  ///< Already in the ledger with the same content.
    std::vector<Renumbered> renumbered;
};

/// Receives the progress of an operation on the whole ledger. If it throws, the operation is
/// abandoned.
using PartDone = std::function<void(std::int64_t done, std::int64_t total)>;

struct BackupRequest {
    std::string file;      ///< Path of the copy.
    bool replace = false;  ///< Whether an existing file may be replaced.
};

/// Reports changes to the ledger by any process. Not thread-safe.
class ChangeWatch {
  public:
    ChangeWatch() = default;
    ChangeWatch(const ChangeWatch&) = delete;
    ChangeWatch& operator=(const ChangeWatch&) = delete;
    virtual ~ChangeWatch() = default;

    /// A descriptor for an event loop that becomes readable on a change; then call wait(0). It may
    /// change with every call of wait and may be -1 for a while, so ask for it again after wait.
    virtual int fd() const = 0;
    /// Sleeps until something changes or `timeout` has passed, and consumes all pending
    /// notifications. Returns true if something may have changed. Changes between two calls are not
    /// lost. Writes by other programs than atlasjob go unnoticed: check at least once a second.
    virtual bool wait(milliseconds timeout) = 0;
};

/// The ledger. Each verb is atomic. Once a verb that changes a status has returned, the change
/// survives a crash of the machine. Progress, heartbeats and noted processes survive the crash of
/// any process, but may be lost if the machine crashes.
///
/// A lost race is reported as a value (nullopt, false, an enumerator). Exceptions are for errors
/// that users see: Error(invalid_argument) bad input; (refused) the job's state does not allow it;
/// (not_found); (unavailable) the ledger is locked, full or unreadable now; (outcome_unknown) a
/// commit failed but may be durable; (not_a_ledger); (newer_ledger).
///
/// If `now` is before a time in the row, a verb uses the row's time, so that
/// ended_at >= started_at >= created_at even if the clock steps back.
/// Verbs act on any owner's job: the caller must check that the principal may (find.h).
/// A Store must be used by one thread at a time and must not be used in a forked child.
class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    // --- Submitting ----------------------------------------------------------------------------

    /// Records a job for this process's account, as queued, or as running if `start_as` is set. If
    /// a dependency has already failed, the job is created and cancelled immediately. Throws
    /// not_found if a dependency does not exist or belongs to another owner.
    virtual Submitted submit(const NewJob& job, Time now) = 0;
    /// Submits many jobs atomically: if it throws, none of them is recorded.
    virtual std::vector<Submitted> submit_all(std::span<const NewJob> jobs, Time now) = 0;

    // --- Executing -----------------------------------------------------------------------------

    /// Opens an attempt of the oldest job of the highest priority that has a command, is due, has
    /// its dependencies met, belongs to the requested account and is in a queue that is open and
    /// has a free slot. Two callers never get the same job. nullopt if there is no such job, or if
    /// the request names an account and another account can write the ledger.
    virtual std::optional<Claim> claim(const ClaimRequest& request, Time now) = 0;
    /// Finishes an attempt and claims the next job in one step. Claims only if this call ended the
    /// attempt: a caller that has lost it or repeats a finish may not be there to run a job.
    virtual FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt,
        const Outcome& outcome,
        const ClaimRequest& request,
        Time now) = 0;
    /// The earliest time at which a queued job that is not yet due becomes due. Considers jobs of
    /// `account` or of none; nullopt considers all.
    virtual std::optional<Time> next_due(const std::optional<AccountId>& account) = 0;
    /// Opens an attempt of a queued job without a command. Throws refused for any other job.
    virtual AttemptKey start(const JobId& id, const std::string& actor, Time now) = 0;
    /// Notes which process runs the attempt's command, so that a reaper that finds the supervisor
    /// dead can kill it first. Returns false if the attempt is lost.
    virtual bool note_process(
        const AttemptKey& attempt, const ProcessIdentity& process, Time now) = 0;
    /// Renews the lease and clears a suspicion. Changes neither rev nor updated_at. nullopt: the
    /// attempt is lost; the caller must stop and discard its work.
    virtual std::optional<HeartbeatReply> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes, Time now) = 0;
    /// Records progress and renews the lease. nullopt: the attempt is lost.
    virtual std::optional<HeartbeatReply> report(
        const AttemptKey& attempt, const Report& report, Time now) = 0;
    /// Ends the attempt and with it the job; or queues the job again, if the outcome is an error,
    /// attempts are left and no cancel was requested. Releases or cancels the jobs that depend on
    /// it. nullopt: the attempt is lost and nothing was written. Repeating a finish with the same
    /// fence returns what was recorded. Throws refused if the caller passes no fence and a
    /// supervisor runs the attempt.
    virtual std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor, Time now) = 0;
    /// Hands back an attempt whose command was never spawned, as if it had not been claimed.
    /// Returns false if the attempt is lost.
    virtual bool release(const AttemptKey& attempt, const std::string& actor, Time now) = 0;

    // --- Changing jobs and queues --------------------------------------------------------------

    /// Cancels a queued job; asks a running one to stop.
    virtual CancelResult request_cancel(
        const JobId& id, const CancelRequest& request, Time now) = 0;
    /// Queues an ended job for one more attempt, or releases a held one. Throws refused for any
    /// other job, if its key is active on another job, or if a dependency did not end as done.
    virtual void retry(const JobId& id, const std::string& actor, Time now) = 0;
    /// Changes a queued job. Throws refused for any other job.
    virtual void edit(const JobId& id, const JobEdit& edit, const std::string& actor, Time now) = 0;
    /// Deletes an ended job and leaves a tombstone. Returns the job, so that the caller can remove
    /// its log files. Throws refused if it has not ended.
    virtual PrunedJob remove(const JobId& id, Time now) = 0;
    /// Pauses `queue`: no job of it starts, running jobs continue. nullopt pauses every queue,
    /// future ones included. Returns false if it was already paused.
    virtual bool pause(
        const std::optional<std::string>& queue, const std::string& actor, Time now) = 0;
    /// Resumes `queue`; nullopt resumes everything. Returns false if nothing was paused. A resumed
    /// queue stays closed while all queues are paused.
    virtual bool resume(const std::optional<std::string>& queue) = 0;
    /// Adds a note to a job's history, in any status, without a transition. `type` is spelled like
    /// a Verb ("on_end_failed").
    virtual void note_event(
        const JobId& id, const std::string& type, const std::string& actor, Time now) = 0;

    // --- Workers -------------------------------------------------------------------------------

    /// Registers a worker before it claims anything; returns its id.
    virtual std::int64_t register_worker(const NewWorker& worker, Time now) = 0;
    /// Returns false if the worker was presumed dead and deregistered; it must register again.
    virtual bool worker_heartbeat(std::int64_t worker_id, bool draining, Time now) = 0;
    /// Deregisters a worker that exits or is known to be dead.
    virtual void unregister_worker(std::int64_t worker_id) = 0;
    /// All registered workers, dead ones included, in the order of registration.
    virtual std::vector<Worker> workers() = 0;

    // --- Maintenance ---------------------------------------------------------------------------

    /// Every running attempt, oldest first.
    virtual std::vector<RunningAttempt> running_attempts() = 0;
    /// Records that the attempt's lease has expired. Returns false if the attempt is lost or its
    /// lease was renewed.
    virtual bool mark_suspect(const AttemptKey& attempt, Time now) = 0;
    /// Closes a lost attempt: the job is queued again if attempts are left or its command was never
    /// spawned, cancelled if that was requested, otherwise an error with reason worker_lost. The
    /// caller must have terminated the command's orphans. nullopt if the attempt has ended or its
    /// lease was renewed.
    ///
    /// A command counts as never spawned if the attempt was claimed, no process was noted, and the
    /// attempt was not to start at once or its supervisor later sent a heartbeat for another
    /// running attempt: a supervisor runs one attempt after the other, so it does not know of this
    /// one.
    virtual std::optional<Finished> reap(
        const AttemptKey& attempt, ReapGround ground, const std::string& actor, Time now) = 0;
    /// Deletes up to `limit` ended jobs past their retention, oldest first, and leaves a tombstone
    /// for each. Returns them, so that the caller can remove their log files; empty when done.
    virtual std::vector<PrunedJob> prune(const Retention& retention, int limit, Time now) = 0;
    /// How many jobs prune would delete.
    virtual std::int64_t count_prunable(const Retention& retention, Time now) = 0;
    /// Deletes up to `limit` tombstones older than kTombstoneRetention; returns how many.
    virtual int drop_tombstones(int limit, Time now) = 0;
    /// Updates the query planner's statistics and releases free pages in small steps. Never needed
    /// for correctness.
    virtual void optimize() = 0;
    /// How many queued jobs need only a worker, now or later. Counts jobs of `account` or of none;
    /// nullopt counts all.
    virtual std::int64_t count_runnable(const std::optional<AccountId>& account) = 0;
    /// The same count by account and queue, without zeros.
    virtual std::vector<RunnableJobs> runnable_jobs() = 0;

    // --- On-end hooks -----------------------------------------------------------------------

    /// Ended jobs whose on-end hook has not been started, oldest first: those of `account` or of
    /// none; nullopt returns all. A job is in this list from the transition that ends it until
    /// take_hook, a retry or its deletion. Jobs that ended before they were imported are not.
    virtual std::vector<OwedHook> owed_hooks(const std::optional<AccountId>& account) = 0;
    /// Takes a job's hook, so that this caller and no other starts it. Returns how the job ended;
    /// nullopt if no hook is owed (any more) or the job belongs to another account.
    virtual std::optional<Status> take_hook(
        const JobId& id, const std::optional<AccountId>& account) = 0;

    // --- Export, import, backup ----------------------------------------------------------------

    /// Passes every job that matches `query` and that `principal` may see to `sink`, oldest first,
    /// with labels, attempts and events, from one snapshot; ignores paging. Does not block writers
    /// and holds one record at a time. `sink` must not use this store.
    virtual void export_jobs(
        const ListQuery& query, const Principal& principal, const RecordSink& sink) = 0;
    /// Imports jobs atomically: if it throws, none of them is recorded. Keeps status, times,
    /// attempts and history; a running job gets no lease and no supervisor here; a queued one with
    /// a command is held. Skips a job that is already there with the same content. Throws refused
    /// if its content differs or its key is active on another job, and invalid_argument for an
    /// invalid record (check in record.h).
    virtual Imported import_jobs(const ImportRequest& request) = 0;
    /// Copies a snapshot of the whole ledger to a file that only its owner can access and that can
    /// be opened as a ledger. Does not block writers. The file is either complete and durable or
    /// absent. Throws refused if the file exists and may not be replaced.
    virtual void back_up(const BackupRequest& request, const PartDone& part_done) = 0;

    // --- Reading -------------------------------------------------------------------------------

    /// The job, from one snapshot; nullopt if it does not exist or the principal may not see it.
    virtual std::optional<Job> get(
        const JobRef& ref, const Principal& principal, Detail detail) = 0;
    /// The job's command; nullopt if it has none or does not exist. Includes the environment, so it
    /// must only be passed to those who may run it.
    virtual std::optional<CommandSpec> command_of(const JobId& id) = 0;
    /// The tombstone of a pruned job; nullopt if there is none or the principal may not see it.
    virtual std::optional<Tombstone> tombstone(const JobRef& ref, const Principal& principal) = 0;
    virtual JobPage list(const ListQuery& query, const Principal& principal) = 0;
    /// Jobs by queue, kind and status, without zeros. Takes the same time for any number of jobs.
    virtual std::vector<Count> count(const Principal& principal) = 0;
    /// Queue age, throughput and durations at `now`. Reads at most 10,000 jobs per owner and
    /// terminal status.
    virtual Statistics statistics(const Principal& principal, Time now) = 0;
    /// What is paused, sorted by queue; the pause of every queue comes first.
    virtual std::vector<PausedQueue> paused_queues() = 0;
    /// Events after `query.after_seq`, oldest first.
    virtual std::vector<Event> events_since(
        const EventQuery& query, const Principal& principal) = 0;
    /// A watch that reports the commits of all processes, except heartbeats.
    virtual std::unique_ptr<ChangeWatch> watch_changes() = 0;
    /// Checks the store for problems. `thorough` reads all of it.
    virtual std::vector<Finding> check_health(bool thorough) = 0;
    /// Why this process's account must not run commands or hooks of this ledger, as a clause ("the
    /// ledger /x/l.db belongs to another account (nobody, uid 65534)"). nullopt if the ledger file
    /// belongs to the account (the effective uid), its directory, siblings and log folder belong to
    /// it or to root, and no other account can write or replace any of them (the directories above
    /// belong to the account or root, and are sticky if others may write them). Checks the files on
    /// every call: 9 system calls plus one per directory of the path. Works in any open mode and
    /// reads nothing from the ledger.
    virtual std::optional<std::string> why_untrusted() = 0;
};

}  // namespace atlasjob
