#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ledger/job.h"
#include "ledger/query.h"
#include "ledger/record.h"
#include "ledger/statistics.h"

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

struct CancelRequest {
    std::string actor;
    std::optional<std::string> text;  ///< For the job's error: "Cancelled by user: <text>".
    /// Between the kill signal and SIGKILL; nullopt: the job's own (CommandSpec::grace).
    std::optional<milliseconds> grace;
    std::optional<milliseconds> default_grace = {};  ///< If there is neither.
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

enum class Detail {
    summary,  ///< Only the row: labels, dependencies, command, cwd and worker stay empty.
    full,
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

/// A note for a job's history that is not a transition.
struct Note {
    std::string type;  ///< Spelled like a Verb: "on_end_failed".
    std::string actor;
    milliseconds ago{};                                ///< How long ago it happened.
    std::optional<std::string> detail = std::nullopt;  ///< Event::detail.
};

/// The verbs that front ends use on jobs and queues (store.h has what all verbs share).
class JobStore {
  public:
    JobStore() = default;
    JobStore(const JobStore&) = delete;
    JobStore& operator=(const JobStore&) = delete;
    virtual ~JobStore() = default;

    // --- Submitting
    // -------------------------------------------------------------------------------

    /// Records a job for this process's account, as queued, or as running if `start_as` is set. If
    /// a dependency has already failed, the job is created and cancelled immediately. How a deleted
    /// dependency ended is known from its tombstone. Throws not_found if a dependency is not known
    /// or belongs to another owner.
    virtual Submitted submit(const NewJob& job) = 0;
    /// Submits many jobs atomically: if it throws, none of them is recorded.
    virtual std::vector<Submitted> submit_all(std::span<const NewJob> jobs) = 0;

    // --- Executing
    // --------------------------------------------------------------------------------

    /// Opens an attempt of a queued job without a command. Throws refused for any other job.
    virtual AttemptKey start(const JobId& id, const std::string& actor) = 0;
    /// Records progress and renews the lease. nullopt: the attempt is lost.
    virtual std::optional<HeartbeatReply> report(
        const AttemptKey& attempt, const Report& report) = 0;
    /// Ends the attempt and with it the job; or queues the job again, if the outcome is an error,
    /// attempts are left and no cancel was requested. Releases or cancels the jobs that depend on
    /// it. nullopt: the attempt is lost and nothing was written. Repeating a finish with the same
    /// fence returns what was recorded. Throws refused if the caller passes no fence and a
    /// supervisor runs the attempt.
    virtual std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor) = 0;

    // --- Changing jobs and queues
    // -----------------------------------------------------------------

    /// Cancels a queued job; asks a running one to stop.
    virtual CancelResult request_cancel(const JobId& id, const CancelRequest& request) = 0;
    /// Queues an ended job for one more attempt, or releases a held one. It waits again for those
    /// of its dependencies that are active now. Throws refused for any other job, if its key is
    /// active on another job, or if a dependency that was never met did not end as done.
    virtual void retry(const JobId& id, const std::string& actor) = 0;
    /// Changes a queued job. Throws refused for any other job.
    virtual void edit(const JobId& id, const JobEdit& edit, const std::string& actor) = 0;
    /// Deletes an ended job and leaves a tombstone. Returns the job, so that the caller can remove
    /// its log files. Throws refused if it has not ended.
    virtual PrunedJob remove(const JobId& id) = 0;
    /// Pauses `queue`: no job of it starts, running jobs continue. nullopt pauses every queue,
    /// future ones included. Returns false if it was already paused.
    virtual bool pause(const std::optional<std::string>& queue, const std::string& actor) = 0;
    /// Resumes `queue`; nullopt resumes everything. Returns false if nothing was paused. A resumed
    /// queue stays closed while all queues are paused.
    virtual bool resume(const std::optional<std::string>& queue) = 0;
    /// Adds a note to a job's history, in any status, without a transition.
    virtual void note_event(const JobId& id, const Note& note) = 0;

    // --- Reading
    // ----------------------------------------------------------------------------------

    /// The store's time: all times that verbs record and compare come from this clock, read after
    /// they hold the write lock. The monotonic reading is this machine's. Thread-safe.
    [[nodiscard]] virtual ClockReading read_clock() const = 0;
    /// The job, from one snapshot; nullopt if it does not exist or the principal may not see it.
    [[nodiscard]] virtual std::optional<Job> get(
        const JobRef& ref, const Principal& principal, Detail detail) = 0;
    /// The job's command; nullopt if it has none or does not exist. Includes the environment, so it
    /// must only be passed to those who may run it.
    [[nodiscard]] virtual std::optional<CommandSpec> command_of(const JobId& id) = 0;
    /// The jobs that were cancelled because this one did not end as done, or because one of them
    /// did not, and still are: oldest first, as summaries.
    [[nodiscard]] virtual std::vector<Job> cancelled_dependents(const JobId& id) = 0;
    /// The tombstone of a pruned job; nullopt if there is none or the principal may not see it.
    [[nodiscard]] virtual std::optional<Tombstone> tombstone(
        const JobRef& ref, const Principal& principal) = 0;
    [[nodiscard]] virtual JobPage list(const ListQuery& query, const Principal& principal) = 0;
    /// Jobs by queue, kind and status, without zeros. Takes the same time for any number of jobs.
    [[nodiscard]] virtual std::vector<Count> count(const Principal& principal) = 0;
    /// Queue age, throughput and durations at `now`. Reads at most 10,000 jobs per owner and
    /// terminal status.
    [[nodiscard]] virtual Statistics statistics(const Principal& principal) = 0;
    /// What is paused, sorted by queue; the pause of every queue comes first.
    [[nodiscard]] virtual std::vector<PausedQueue> paused_queues() = 0;
    /// Events after `query.after_seq`, oldest first.
    [[nodiscard]] virtual std::vector<Event> events_since(
        const EventQuery& query, const Principal& principal) = 0;
    /// Where a reader stands who has read the events up to `after_seq`. A gap is reported if a job
    /// that the principal may see was deleted and ended later than the latest event before it that
    /// is left, so rarely also without need; never if every later event is left. Read before
    /// events_since, its last_seq is a position up to which that has returned every event.
    [[nodiscard]] virtual EventPosition event_position(
        std::int64_t after_seq, const Principal& principal) = 0;
    /// The attempts of a job, oldest first; empty if it has none or does not exist.
    [[nodiscard]] virtual std::vector<AttemptRecord> attempts_of(const JobId& id) = 0;
    /// A watch that reports the commits of all processes, except heartbeats.
    [[nodiscard]] virtual std::unique_ptr<ChangeWatch> watch_changes() = 0;
};

}  // namespace atlasjob
