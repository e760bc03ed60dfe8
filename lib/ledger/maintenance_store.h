#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "ledger/job_store.h"
#include "ledger/policy.h"

namespace atlasjob {

/// A running attempt, as maintenance needs it.
struct RunningAttempt {
    AttemptKey key;
    std::int64_t seq = 0;
    std::optional<ProcessIdentity> supervisor;
    std::optional<ProcessIdentity> process;  ///< The command's process; nullopt until it is noted.
    std::optional<Time> lease_until;
    std::optional<ClockReading> suspect;
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

    friend bool operator==(const Retention&, const Retention&) = default;
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

/// The verbs that keep a ledger tidy and check it (store.h has what all verbs share).
class MaintenanceStore {
  public:
    MaintenanceStore() = default;
    MaintenanceStore(const MaintenanceStore&) = delete;
    MaintenanceStore& operator=(const MaintenanceStore&) = delete;
    virtual ~MaintenanceStore() = default;

    // --- Lost attempts
    // ----------------------------------------------------------------------------

    /// Every running attempt, oldest first.
    [[nodiscard]] virtual std::vector<RunningAttempt> running_attempts() = 0;
    /// Records that the attempt's lease has expired. Returns false if the attempt is lost or its
    /// lease was renewed.
    [[nodiscard]] virtual bool mark_suspect(const AttemptKey& attempt) = 0;
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
        const AttemptKey& attempt, ReapGround ground, const std::string& actor) = 0;

    // --- Old jobs
    // ---------------------------------------------------------------------------------

    /// Deletes up to `limit` ended jobs past their retention, about oldest first, and leaves a
    /// tombstone for each. Returns them, so that the caller can remove their log files; empty when
    /// done. One call takes about 20 ms, so that other writers do not wait long: it may return
    /// fewer jobs although there are more. A caller should pause as long between two calls.
    [[nodiscard]] virtual std::vector<PrunedJob> prune(const Retention& retention, int limit) = 0;
    /// How many jobs prune would delete.
    [[nodiscard]] virtual std::int64_t count_prunable(const Retention& retention) = 0;
    /// Deletes up to `limit` tombstones older than kTombstoneRetention; returns how many.
    virtual int drop_tombstones(int limit) = 0;
    /// Updates the query planner's statistics and releases free pages in small steps. Never needed
    /// for correctness.
    virtual void optimize() = 0;

    // --- Work without a worker
    // --------------------------------------------------------------------

    /// How many queued jobs need only a worker, now or later. Counts jobs of `account` or of none;
    /// nullopt counts all.
    [[nodiscard]] virtual std::int64_t count_runnable(const std::optional<AccountId>& account) = 0;
    /// The same count by account and queue, without zeros.
    [[nodiscard]] virtual std::vector<RunnableJobs> runnable_jobs() = 0;

    // --- On-end hooks
    // -----------------------------------------------------------------------------

    /// Ended jobs whose on-end hook has not been started, oldest first: those of `account` or of
    /// none; nullopt returns all. A job is in this list from the transition that ends it until
    /// take_hook, a retry or its deletion. Jobs that ended before they were imported are not.
    [[nodiscard]] virtual std::vector<OwedHook> owed_hooks(
        const std::optional<AccountId>& account) = 0;
    /// Takes a job's hook, so that this caller and no other starts it. Returns how the job ended;
    /// nullopt if no hook is owed (any more) or the job belongs to another account.
    [[nodiscard]] virtual std::optional<Status> take_hook(
        const JobId& id, const std::optional<AccountId>& account) = 0;
    /// The on_end of a job and what it is run with; nullopt if the job has none or does not exist.
    /// Only on_end, cwd, environment and umask are meant. Includes the environment, as command_of.
    [[nodiscard]] virtual std::optional<CommandSpec> hook_of(const JobId& id) = 0;

    // --- Health
    // -----------------------------------------------------------------------------------

    /// Checks the store for problems. `thorough` reads all of it.
    [[nodiscard]] virtual std::vector<Finding> check_health(bool thorough) = 0;
    /// Why this process's account must not run commands or hooks of this ledger, as a clause ("the
    /// ledger /x/l.db belongs to another account (nobody, uid 65534)"). nullopt if the ledger file
    /// belongs to the account (the effective uid), its directory, siblings and log folder belong to
    /// it or to root, and no other account can write or replace any of them (the directories above
    /// belong to the account or root, and are sticky if others may write them). Checks the files on
    /// every call: 9 system calls plus one per directory of the path. Works in any open mode and
    /// reads nothing from the ledger.
    [[nodiscard]] virtual std::optional<std::string> why_untrusted() = 0;
};

}  // namespace atlasjob
