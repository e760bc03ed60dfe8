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

/// What submit did.
struct Submitted {
    JobId job_id;  ///< The new job, or the active one that holds the key.
    std::int64_t seq = 0;
    bool created = true;  ///< False: an active job of this owner has the key; nothing was written.
    std::int64_t fence = 0;  ///< Of the open attempt, when the job was born running.
};

struct ClaimRequest {
    AttemptOwner owner;
    std::vector<std::string> queues;         ///< Empty: every queue.
    std::map<std::string, int> queue_slots;  ///< At most so many running jobs in these queues.
    std::string actor;
    /// Only jobs of this account or of none are claimed, and only while the ledger is this
    /// process's account's alone: the part of why_untrusted that can change is looked at each time.
    /// Nothing: jobs of any account, from any ledger.
    std::optional<AccountId> account = std::nullopt;
};

/// An attempt that now belongs to the caller.
struct Claim {
    Job job;
    CommandSpec command;
    AttemptKey attempt;
};

/// What a heartbeat or a report brings back.
struct HeartbeatReply {
    std::optional<Time> cancel_requested_at;
    std::optional<milliseconds> cancel_grace;
};

/// Where a job went when its attempt ended.
struct Finished {
    Status status = Status::done;   ///< queued: another attempt follows.
    std::optional<Time> run_after;  ///< When it may start.
};

struct FinishedAndClaimed {
    std::optional<Finished> finished;  ///< Nothing: the attempt had been lost.
    /// Nothing: no work is due, or this call did not end the attempt; claim() then.
    std::optional<Claim> claim;
};

struct CancelRequest {
    std::string actor;
    std::optional<std::string> text;    ///< Goes into the job's error: "Cancelled by user: <text>".
    std::optional<milliseconds> grace;  ///< Between TERM and KILL.
};

enum class CancelResult {
    cancelled,          ///< It was queued and will never run.
    requested,          ///< It is running and has been asked to stop.
    already_requested,  ///< Somebody asked before; nothing was written.
    already_terminal,   ///< It had ended; nothing was written.
};

/// Who paused what, and when.
struct PausedQueue {
    std::optional<std::string> queue;  ///< Nothing: every queue.
    std::string actor;
    Time since;
};

/// A running attempt as upkeep sees it.
struct RunningAttempt {
    AttemptKey key;
    std::int64_t seq = 0;
    std::optional<ProcessIdentity> supervisor;
    std::optional<ProcessIdentity> process;  ///< The command; nothing while that is not known.
    std::optional<Time> lease_until;
    std::optional<Time> suspect_at;
    std::string queue{};
    /// Imported: it runs where it came from, if anywhere; nobody here can judge it, and it takes no
    /// room in its queue.
    bool elsewhere = false;
};

/// Queued jobs of an account and a queue that need only a worker, now or later.
struct RunnableJobs {
    std::optional<AccountId> account;  ///< As Job::account.
    std::string queue;
    std::int64_t count = 0;
};

/// A job that has ended and whose on-end command nobody has started yet (CommandSpec::on_end).
struct OwedHook {
    JobId job_id;
    Time ended_at;
    std::optional<ProcessIdentity> ran_by;  ///< Who ran its last attempt, if that is known.
};

/// What gc keeps. A job's own retention goes before these.
struct Retention {
    std::optional<milliseconds> done;
    std::optional<milliseconds> error;
    std::optional<milliseconds> cancelled;

    milliseconds of(Status status) const;
};

struct PrunedJob {
    JobId job_id;
    std::int64_t seq = 0;
    int attempts = 0;  ///< Its log files are numbered 1 to this.
};

enum class Detail {
    summary,  ///< The row alone: labels, after, command, cwd and worker stay empty.
    full,
};

/// One thing a check of the ledger found.
struct Finding {
    enum class Level { ok, note, problem };

    Level level = Level::ok;
    std::string subject;  ///< One or two words: "schema", "wal size".
    std::string text;     ///< What is so.
    std::string fix;      ///< What to do; empty when there is nothing to do.
    /// What other commands fail with because of it, if they do.
    std::optional<ErrorCode> code = std::nullopt;
};

struct ImportRequest {
    RecordSource next;  ///< Called while others cannot write: it should not wait for anything.
    /// The highest `seq` that the records ask for, if that is known: jobs whose number is taken get
    /// new ones above it, so that they take no other record's.
    std::int64_t highest_seq = 0;
};

/// A job that could not keep its number.
struct Renumbered {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

struct Imported {
    std::int64_t recorded = 0;
    std::int64_t held = 0;     ///< Of those recorded: queued, with a command.
    std::int64_t skipped = 0;  ///< They were there already, just so.
    std::vector<Renumbered> renumbered;
};

/// How far something is that goes through the whole ledger, in parts of `total`. What it throws
/// ends the whole.
using PartDone = std::function<void(std::int64_t done, std::int64_t total)>;

struct BackupRequest {
    std::string file;      ///< The copy's path.
    bool replace = false;  ///< Whether a file that is there may go.
};

/// Tells that something in the ledger changed, whoever changed it. Not thread-safe.
class ChangeWatch {
  public:
    ChangeWatch() = default;
    ChangeWatch(const ChangeWatch&) = delete;
    ChangeWatch& operator=(const ChangeWatch&) = delete;
    virtual ~ChangeWatch() = default;

    /// Readable once something has changed, for an event loop; call wait(0) then. The number can
    /// differ after each call of wait. May be -1 for a while: look again after wait.
    virtual int fd() const = 0;
    /// Sleeps until something changes or `timeout` has passed and swallows what has piled up.
    /// True when something may have changed. Changes between two calls are not lost; programs that
    /// write around atlasjob are not heard, so look at what you wait for at least once a second.
    virtual bool wait(milliseconds timeout) = 0;
};

/// The ledger. Each verb is one atomic step: it happens wholly or not at all, and when a verb that
/// changes a status has returned, that survives a crash of the machine. Progress, heartbeats and
/// notes of processes survive any crash of a process, and may be lost with the machine.
///
/// "Somebody else moved it" is a value (nullopt, false, an enumerator); exceptions are for what is
/// told to people: Error(invalid_argument) bad input, (refused) not in this state, (not_found),
/// (unavailable) locked, full or unreadable now, (outcome_unknown) a commit failed and may have
/// happened all the same, (not_a_ledger), (newer_ledger).
///
/// `now` is never before a time the row already has: a verb uses the later of the two, so that
/// ended_at >= started_at >= created_at also when the clock steps back.
/// Verbs act on any owner's job: checking that the principal may is the caller's part (find.h).
/// A Store belongs to one thread at a time and must not be carried across fork.
class Store {
  public:
    Store() = default;
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    virtual ~Store() = default;

    // --- Putting work in -----------------------------------------------------------------------

    /// Records a job, as one of this process's account; queued, or running when it says who starts
    /// it. A job whose dependencies have already failed is born and cancelled at once. Throws
    /// not_found for a dependency that does not exist or belongs to somebody else.
    virtual Submitted submit(const NewJob& job, Time now) = 0;
    /// The same for many, all in one step: after an exception none of them is there.
    virtual std::vector<Submitted> submit_all(std::span<const NewJob> jobs, Time now) = 0;

    // --- Executing -----------------------------------------------------------------------------

    /// Opens an attempt of the best job that has a command, is due, has its dependencies met, is of
    /// the account that is asked for, and whose queue is open and has room: highest priority, then
    /// oldest. Two callers never get the same job. Nothing when there is none, or when the request
    /// names an account and the ledger is not this one's alone.
    virtual std::optional<Claim> claim(const ClaimRequest& request, Time now) = 0;
    /// Ends one attempt and claims the next job, as one step. Claims only when this very call ends
    /// the attempt: a caller that has lost it, or that asks again what became of it, may not be
    /// there any more to run a job.
    virtual FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt,
        const Outcome& outcome,
        const ClaimRequest& request,
        Time now) = 0;
    /// The earliest time at which a queued job that is not due yet becomes so; of this account or
    /// of none, or of any account (nothing).
    virtual std::optional<Time> next_due(const std::optional<AccountId>& account) = 0;
    /// Opens an attempt of a queued job without a command. Throws refused for any other.
    virtual AttemptKey start(const JobId& id, const std::string& actor, Time now) = 0;
    /// Notes which process runs the attempt's command: whoever finds its supervisor dead ends that
    /// process first. False: the attempt is lost.
    virtual bool note_process(
        const AttemptKey& attempt, const ProcessIdentity& process, Time now) = 0;
    /// A sign of life: renews the lease and clears a suspicion. Changes neither rev nor updated_at.
    /// Nothing: the attempt is lost, stop and discard.
    virtual std::optional<HeartbeatReply> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes, Time now) = 0;
    /// Records progress and renews the lease. Nothing: the attempt is lost.
    virtual std::optional<HeartbeatReply> report(
        const AttemptKey& attempt, const Report& report, Time now) = 0;
    /// Ends the attempt. The job ends with it, or is queued again when the outcome is an error,
    /// attempts are left and no cancel was requested. Ends or releases the jobs that waited for it.
    /// Nothing: the attempt is lost and nothing was written. Finishing again with the fence that
    /// finished it returns what was recorded. Throws refused when the caller gives no fence and a
    /// supervisor runs the attempt.
    virtual std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor, Time now) = 0;
    /// Hands back an attempt whose command was never spawned, as if it had not been claimed.
    /// False: the attempt is lost.
    virtual bool release(const AttemptKey& attempt, const std::string& actor, Time now) = 0;

    // --- Steering ------------------------------------------------------------------------------

    /// Cancels a queued job, asks a running one to stop.
    virtual CancelResult request_cancel(
        const JobId& id, const CancelRequest& request, Time now) = 0;
    /// Queues an ended job for one more attempt, or lets an imported one that is held run here.
    /// Throws refused for any other, when its key is active on another job, or when a job it waits
    /// for did not end well.
    virtual void retry(const JobId& id, const std::string& actor, Time now) = 0;

    /// Changes what is given of a queued job. Throws refused for any other.
    virtual void edit(const JobId& id, const JobEdit& edit, const std::string& actor, Time now) = 0;
    /// Forgets an ended job now; a tombstone stays. Returns it, so that its log files can be
    /// removed. Throws refused when it has not ended.
    virtual PrunedJob forget(const JobId& id, Time now) = 0;
    /// Lets nothing new start in `queue`; what runs goes on. Nothing for the queue: in every queue,
    /// those to come included. False: it was paused already.
    virtual bool pause(
        const std::optional<std::string>& queue, const std::string& actor, Time now) = 0;
    /// Takes back the pause of `queue`; nothing for the queue: every pause there is. False: there
    /// was none. A queue stays closed while all queues are paused.
    virtual bool resume(const std::optional<std::string>& queue) = 0;
    /// Adds something to a job's history that is not a transition, whatever its status. `type` is a
    /// word like a Verb ("on_end_failed").
    virtual void note_event(
        const JobId& id, const std::string& type, const std::string& actor, Time now) = 0;

    // --- Workers -------------------------------------------------------------------------------

    /// Enters a worker that is about to take work; returns its id.
    virtual std::int64_t register_worker(const NewWorker& worker, Time now) = 0;
    /// A sign of life. False: it has been taken for dead and struck out; register again.
    virtual bool worker_heartbeat(std::int64_t worker_id, bool draining, Time now) = 0;
    /// Strikes out a worker that leaves, or that is known to be dead.
    virtual void unregister_worker(std::int64_t worker_id) = 0;
    /// All that are entered, dead ones included, in the order in which they came.
    virtual std::vector<Worker> workers() = 0;

    // --- Upkeep --------------------------------------------------------------------------------

    /// Every running attempt, oldest first.
    virtual std::vector<RunningAttempt> running_attempts() = 0;
    /// Notes that the attempt's lease ran out. False: it is lost, or was renewed meanwhile.
    virtual bool mark_suspect(const AttemptKey& attempt, Time now) = 0;
    /// Takes back an attempt: the job is queued again when attempts are left or its command was
    /// never spawned, cancelled when that was requested, else error with reason worker_lost.
    /// Whatever the command left running must be gone before. Nothing: lost, or heard from since.
    ///
    /// Never spawned is a claimed attempt of which no process was noted, and which was not to start
    /// at once, or whose supervisor was heard from later for another running attempt: it runs one
    /// after the other and knows nothing of this one.
    virtual std::optional<Finished> reap(
        const AttemptKey& attempt, ReapGround ground, const std::string& actor, Time now) = 0;
    /// Forgets up to `limit` ended jobs past their retention, oldest first, and leaves a tombstone
    /// of each. Returns them, so that their log files can be removed; none: nothing is left to do.
    virtual std::vector<PrunedJob> prune(const Retention& retention, int limit, Time now) = 0;
    /// How many prune would forget.
    virtual std::int64_t count_prunable(const Retention& retention, Time now) = 0;
    /// Forgets up to `limit` tombstones older than kTombstoneRetention; returns how many.
    virtual int drop_tombstones(int limit, Time now) = 0;
    /// Housekeeping of the store itself: statistics for its planner, free pages given back in
    /// small steps. Never needed for correctness.
    virtual void optimize() = 0;
    /// How many queued jobs need only a worker, now or later; of this account or of none, or of any
    /// account (nothing).
    virtual std::int64_t count_runnable(const std::optional<AccountId>& account) = 0;
    /// The same by account and queue, zero counts left out.
    virtual std::vector<RunnableJobs> runnable_jobs() = 0;

    // --- On-end commands -----------------------------------------------------------------------

    /// Ended jobs whose on-end command has not been started, oldest first; of this account or of
    /// none, or of any account (nothing). A job owes it from the step that ends it until take_hook,
    /// a retry or its removal. Imported jobs owe none for what happened elsewhere.
    virtual std::vector<OwedHook> owed_hooks(const std::optional<AccountId>& account) = 0;
    /// Takes what a job owes, so that the caller, and nobody else ever, starts it. Returns how the
    /// job ended. Nothing: it owes nothing (any more), or it is another account's.
    virtual std::optional<Status> take_hook(
        const JobId& id, const std::optional<AccountId>& account) = 0;

    // --- Carrying over -------------------------------------------------------------------------

    /// Hands every job that `query` finds and `principal` may see to `sink`, oldest first, with all
    /// that hangs on it, as of one moment; nobody who writes has to wait. Holds one record at a
    /// time. Pages are not heeded. `sink` must not use this store.
    virtual void export_jobs(
        const ListQuery& query, const Principal& principal, const RecordSink& sink) = 0;
    /// Records jobs from elsewhere, all in one step: after an exception none of them is there.
    /// Status, times, attempts and history are as given; a running job gets no lease and belongs
    /// to nobody here; a queued one with a command is held. A job that is there already with the
    /// same content is skipped. Throws refused when it is there with other content or when its key
    /// is active on another job, invalid_argument for a record that cannot be (check in record.h).
    virtual Imported import_jobs(const ImportRequest& request) = 0;
    /// Copies the whole ledger, as of one moment, to a file of its owner's alone that can be opened
    /// as a ledger at once; nobody who writes has to wait. The file is whole and durable or not
    /// there. Throws refused when there is one already that may not be replaced.
    virtual void back_up(const BackupRequest& request, const PartDone& part_done) = 0;

    // --- Reading -------------------------------------------------------------------------------

    /// The job as of one moment, or nothing when it is not there or not the principal's to see.
    virtual std::optional<Job> get(
        const JobRef& ref, const Principal& principal, Detail detail) = 0;
    /// What it takes to run a job's command; nothing when it has none or is not there. Holds its
    /// environment: only for whoever may run it.
    virtual std::optional<CommandSpec> command_of(const JobId& id) = 0;
    /// What is left of a pruned job, under the same rule.
    virtual std::optional<Tombstone> tombstone(const JobRef& ref, const Principal& principal) = 0;
    virtual JobPage list(const ListQuery& query, const Principal& principal) = 0;
    /// Jobs by queue, kind and status, zero counts left out. Costs the same for any number of jobs.
    virtual std::vector<Count> count(const Principal& principal) = 0;
    /// Waiting, throughput and durations as of `now`. Reads at most 10,000 jobs of each owner and
    /// terminal status.
    virtual Statistics statistics(const Principal& principal, Time now) = 0;
    /// What is paused, by name; the pause of every queue first.
    virtual std::vector<PausedQueue> paused_queues() = 0;
    /// The history, oldest first.
    virtual std::vector<Event> events_since(
        const EventQuery& query, const Principal& principal) = 0;
    /// Wakes its owner after other processes' commits, heartbeats excepted.
    virtual std::unique_ptr<ChangeWatch> watch_changes() = 0;
    /// Looks for what is wrong with the store. `thorough` reads all of it.
    virtual std::vector<Finding> check_health(bool thorough) = 0;
    /// Why this process's account must not run commands or hooks of this ledger, as a sentence
    /// without its end ("the ledger /x/l.db belongs to another account (nobody, uid 65534)").
    /// nullopt when the ledger's file belongs to the account (the effective uid), its directory,
    /// siblings and log folder to it or to root, and nobody else may write any of them or put
    /// another directory in their place (the directories above belong to one of the two, and where
    /// others may write them they are sticky). Looks at the files each time: 9 system calls and one
    /// for each directory of the path. For any mode of opening; reads nothing of the ledger.
    virtual std::optional<std::string> why_untrusted() = 0;
};

}  // namespace atlasjob
