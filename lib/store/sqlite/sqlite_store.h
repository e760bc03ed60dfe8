#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"
#include "store/sqlite/file/change_signal.h"
#include "store/sqlite/verbs/prune.h"

namespace atlasjob::sqlite {

/// A ledger in one SQLite file. Runs each verb as one transaction, under the write lock if it
/// writes; the verb itself is implemented in the file named after it (verbs/, queries/, transfer/).
///
/// A store that is open for writing keeps the file that it opened (store/open.h). If the file was
/// moved, the verbs that complete work in progress still write to it: note_process, heartbeat,
/// report, note_event, finish, release, worker_heartbeat and unregister_worker; so do all that
/// read. finish_and_claim then claims nothing: queued jobs are left to workers that open the file
/// at its new path.
class SqliteStore final : public Store {
  public:
    /// Opens the ledger (see open_ledger). `clock` must outlive the store.
    SqliteStore(
        std::string path,
        Connection::Mode mode,
        std::span<const Migration> migrations,
        const Clock& clock);

    Submitted submit(const NewJob& job) override;
    std::vector<Submitted> submit_all(std::span<const NewJob> jobs) override;

    std::optional<Claim> claim(const ClaimRequest& request) override;
    FinishedAndClaimed finish_and_claim(
        const AttemptKey& attempt, const Outcome& outcome, const ClaimRequest& request) override;
    std::optional<Time> next_due(const std::optional<AccountId>& account) override;
    AttemptKey start(const JobId& id, const std::string& actor) override;
    bool note_process(const AttemptKey& attempt, const ProcessIdentity& process) override;
    std::optional<HeartbeatReply> heartbeat(
        const AttemptKey& attempt, std::int64_t log_bytes) override;
    std::optional<HeartbeatReply> report(const AttemptKey& attempt, const Report& report) override;
    std::optional<Finished> finish(
        const AttemptKey& attempt, const Outcome& outcome, const std::string& actor) override;
    bool release(const AttemptKey& attempt, const std::string& actor) override;

    CancelResult request_cancel(const JobId& id, const CancelRequest& request) override;
    void retry(const JobId& id, const std::string& actor) override;
    void edit(const JobId& id, const JobEdit& edit, const std::string& actor) override;
    PrunedJob remove(const JobId& id) override;
    bool pause(const std::optional<std::string>& queue, const std::string& actor) override;
    bool resume(const std::optional<std::string>& queue) override;
    void note_event(const JobId& id, const Note& note) override;
    [[nodiscard]] ClockReading read_clock() const override { return clock_.read(); }

    std::int64_t register_worker(const NewWorker& worker) override;
    bool worker_heartbeat(std::int64_t worker_id, bool draining) override;
    void unregister_worker(std::int64_t worker_id) override;
    std::vector<Worker> workers() override;

    std::vector<RunningAttempt> running_attempts() override;
    bool mark_suspect(const AttemptKey& attempt) override;
    std::optional<Finished> reap(
        const AttemptKey& attempt, ReapGround ground, const std::string& actor) override;
    std::vector<PrunedJob> prune(const Retention& retention, int limit) override;
    std::int64_t count_prunable(const Retention& retention) override;
    int drop_tombstones(int limit) override;
    void optimize() override;
    std::int64_t count_runnable(const std::optional<AccountId>& account) override;
    std::vector<RunnableJobs> runnable_jobs() override;

    std::vector<OwedHook> owed_hooks(const std::optional<AccountId>& account) override;
    std::optional<Status> take_hook(
        const JobId& id, const std::optional<AccountId>& account) override;

    void export_jobs(
        const JobFilter& filter, const Principal& principal, const RecordSink& sink) override;
    Imported import_jobs(const ImportRequest& request) override;
    void back_up(const BackupRequest& request, const PartDone& part_done) override;

    std::optional<Job> get(const JobRef& ref, const Principal& principal, Detail detail) override;
    std::optional<CommandSpec> command_of(const JobId& id) override;
    std::optional<CommandSpec> hook_of(const JobId& id) override;
    std::vector<Job> cancelled_dependents(const JobId& id) override;
    std::optional<Tombstone> tombstone(const JobRef& ref, const Principal& principal) override;
    JobPage list(const ListQuery& query, const Principal& principal) override;
    std::vector<Count> count(const Principal& principal) override;
    Statistics statistics(const Principal& principal) override;
    std::vector<PausedQueue> paused_queues() override;
    std::vector<Event> events_since(const EventQuery& query, const Principal& principal) override;
    EventPosition event_position(std::int64_t after_seq, const Principal& principal) override;
    std::vector<AttemptRecord> attempts_of(const JobId& id) override;
    std::unique_ptr<ChangeWatch> watch_changes() override;
    std::vector<Finding> check_health(bool thorough) override;
    std::optional<std::string> why_untrusted() override;

  private:
    enum class Notify { yes, no };
    /// Whether a verb fails once the file has left the path it was opened at, or writes to the
    /// moved file.
    enum class Target { path, file };

    /// The connection; reopens it if the outcome of the last commit is unknown.
    Connection& connection();
    /// A connection for writing to the file that was opened first. Throws ledger_moved.
    Connection& writing_connection(Target target);
    /// A connection for reading; in read mode, to the file that the path names now.
    Connection& reading_connection();
    /// Whether the file is still at the path it was opened at.
    bool is_at_path() const;
    void follow_file();
    void drop_connection();
    void notify_change();
    void require_write_mode() const;
    /// Brings the full-text index up to date.
    void index_all_texts();
    /// Drops texts of deleted jobs, at most kTextsAtOnce; returns how many.
    int drop_texts();
    /// Throws not_a_ledger if `failure` is one that a sound ledger does not cause, and this one is
    /// found to be damaged; unavailable if it says that the ledger is damaged, but the disk is.
    void throw_if_damaged(const std::exception& failure);
    /// Throws unavailable if what was read may be wrong, because the file was written without a
    /// lock that this process could see (Connection::is_outdated).
    void require_current();
    /// Runs `run()`; an error that damage has caused becomes not_a_ledger.
    template <class Run>
    auto diagnosed(Run run);
    /// Runs `body(Connection&)`, or `body(Connection&, Time now)` with the time at which the lock
    /// was taken, as one write transaction and returns its result.
    template <class Body>
    auto call(Body& body);
    template <class Body>
    auto write(Durability durability, Notify notify, Body body, Target target = Target::path);
    /// The same for verbs that also write to a moved file.
    template <class Body>
    auto write_to_file(Durability durability, Notify notify, Body body);
    /// The same on one snapshot, for reading.
    template <class Body>
    auto read(Body body);

    std::string path_;                  ///< Where the ledger was opened.
    std::string current_path_;          ///< Where its file was last seen.
    std::optional<FileIdentity> file_;  ///< The file that was opened for writing.
    Connection::Mode mode_;
    std::span<const Migration> migrations_;
    const Clock& clock_;
    ChangeSignal change_signal_;
    std::unique_ptr<Connection> connection_;
    bool damage_sought_ = false;         ///< In this connection: the search reads the whole file.
    std::optional<std::string> damage_;  ///< What it found.
    PruneList prune_list_;
    std::int64_t undropped_texts_ = 0;  ///< Of jobs that prune() has deleted.
};

}  // namespace atlasjob::sqlite
