#include "store/sqlite/sqlite_store.h"

#include "base/error.h"
#include "ledger/limits.h"
#include "store/sqlite/connection/transaction.h"
#include "store/sqlite/file/trust.h"
#include "store/sqlite/health.h"
#include "store/sqlite/queries/get.h"
#include "store/sqlite/queries/list.h"
#include "store/sqlite/queries/search.h"
#include "store/sqlite/queries/statistics.h"
#include "store/sqlite/transfer/backup.h"
#include "store/sqlite/transfer/export.h"
#include "store/sqlite/transfer/import.h"
#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/pause.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

/// Releases this many free pages at a time: a few ms under the write lock.
constexpr const char* kReleasePages = "PRAGMA incremental_vacuum(200)";
/// Limits ANALYZE to a sample of each index (sqlite.org/lang_analyze.html).
constexpr const char* kAnalysisLimit = "PRAGMA analysis_limit = 400";

}  // namespace

SqliteStore::SqliteStore(
    std::string path,
    Connection::Mode mode,
    std::span<const Migration> migrations,
    const Clock& clock)
    : path_(std::move(path)),
      current_path_(path_),
      mode_(mode),
      migrations_(migrations),
      clock_(clock),
      change_signal_(path_) {
    connection();
    if (mode_ == Connection::Mode::read) return;
    file_ = connection_->identity();
    // From now on a missing file is an error: never create a second ledger in its place.
    mode_ = Connection::Mode::write;
    change_signal_.create();
}

template <class Body>
auto SqliteStore::call(Body& body) {
    if constexpr (std::is_invocable_v<Body&, Connection&, Time>) {
        return body(*connection_, clock_.now());
    } else {
        return body(*connection_);
    }
}

template <class Run>
auto SqliteStore::diagnosed(Run run) {
    try {
        return run();
    } catch (const std::exception& failure) {
        throw_if_damaged(failure);
        throw;
    }
}

template <class Body>
auto SqliteStore::write(Durability durability, Notify notify, Body body, Target target) {
    require_write_mode();
    bool written = false;
    const auto run = [&] {
        WriteTransaction transaction{writing_connection(target), durability};
        auto result = call(body);
        written = transaction.commit();
        return result;
    };
    try {
        auto result = diagnosed(run);
        if (written && notify == Notify::yes) notify_change();
        return result;
    } catch (const Error& error) {
        if (connection_ && error.code() == ErrorCode::outcome_unknown) drop_connection();
        throw;
    }
}

template <class Body>
auto SqliteStore::write_to_file(Durability durability, Notify notify, Body body) {
    return write(durability, notify, std::move(body), Target::file);
}

template <class Body>
auto SqliteStore::read(Body body) {
    return diagnosed([&] {
        const ReadTransaction snapshot{reading_connection()};
        if constexpr (std::is_void_v<decltype(call(body))>) {
            call(body);
            require_current();
        } else {
            auto result = call(body);
            require_current();
            return result;
        }
    });
}

Submitted SqliteStore::submit(const NewJob& job) {
    return submit_all({&job, 1}).front();
}

std::vector<Submitted> SqliteStore::submit_all(std::span<const NewJob> jobs) {
    for (const NewJob& job : jobs)
        check(job);
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        std::vector<Submitted> submitted;
        for (const NewJob& job : jobs)
            submitted.push_back(insert_job(c, job, now));
        return submitted;
    });
}

std::optional<Claim> SqliteStore::claim(const ClaimRequest& request) {
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return claim_job(c, request, now);
    });
}

FinishedAndClaimed SqliteStore::finish_and_claim(
    const AttemptKey& attempt, const Outcome& outcome, const ClaimRequest& request) {
    return write_to_file(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        if (is_at_path()) return sqlite::finish_and_claim(c, attempt, outcome, request, now);
        return FinishedAndClaimed{finish_attempt(c, attempt, outcome, request.actor, now), {}};
    });
}

std::optional<Time> SqliteStore::next_due(const std::optional<AccountId>& account) {
    return read([&](Connection& c) { return sqlite::next_due(c, account); });
}

AttemptKey SqliteStore::start(const JobId& id, const std::string& actor) {
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return start_job(c, id, actor, now);
    });
}

bool SqliteStore::note_process(const AttemptKey& attempt, const ProcessIdentity& process) {
    return write_to_file(Durability::note, Notify::no, [&](Connection& c) {
        return sqlite::note_process(c, attempt, process);
    });
}

std::optional<HeartbeatReply> SqliteStore::heartbeat(
    const AttemptKey& attempt, std::int64_t log_bytes) {
    return write_to_file(Durability::note, Notify::no, [&](Connection& c, Time now) {
        return renew_lease(c, attempt, log_bytes, now);
    });
}

std::optional<HeartbeatReply> SqliteStore::report(const AttemptKey& attempt, const Report& report) {
    check(report);
    return write_to_file(Durability::note, Notify::yes, [&](Connection& c, Time now) {
        return record_report(c, attempt, report, now);
    });
}

std::optional<Finished> SqliteStore::finish(
    const AttemptKey& attempt, const Outcome& outcome, const std::string& actor) {
    return write_to_file(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return finish_attempt(c, attempt, outcome, actor, now);
    });
}

bool SqliteStore::release(const AttemptKey& attempt, const std::string& actor) {
    return write_to_file(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return release_attempt(c, attempt, actor, now);
    });
}

CancelResult SqliteStore::request_cancel(const JobId& id, const CancelRequest& request) {
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return sqlite::request_cancel(c, id, request, now);
    });
}

void SqliteStore::retry(const JobId& id, const std::string& actor) {
    write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        retry_job(c, id, actor, now);
        return true;
    });
}

void SqliteStore::edit(const JobId& id, const JobEdit& edit, const std::string& actor) {
    check(edit);
    write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        edit_job(c, id, edit, actor, now);
        return true;
    });
}

PrunedJob SqliteStore::remove(const JobId& id) {
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return delete_job(c, id, now);
    });
}

bool SqliteStore::pause(const std::optional<std::string>& queue, const std::string& actor) {
    if (queue) check_queue(*queue);
    return write(Durability::transition, Notify::yes, [&](Connection& c, Time now) {
        return pause_queue(c, queue, actor, now);
    });
}

bool SqliteStore::resume(const std::optional<std::string>& queue) {
    if (queue) check_queue(*queue);
    return write(
        Durability::transition, Notify::yes, [&](Connection& c) { return resume_queue(c, queue); });
}

void SqliteStore::note_event(const JobId& id, const Note& note) {
    check(note);
    write_to_file(Durability::note, Notify::yes, [&](Connection& c, Time now) {
        sqlite::note_event(c, id, note, now);
        return true;
    });
}

std::int64_t SqliteStore::register_worker(const NewWorker& worker) {
    check(worker);
    return write(Durability::note, Notify::yes, [&](Connection& c, Time now) {
        return insert_worker(c, worker, now);
    });
}

bool SqliteStore::worker_heartbeat(std::int64_t worker_id, bool draining) {
    return write_to_file(Durability::note, Notify::no, [&](Connection& c, Time now) {
        return renew_worker(c, worker_id, draining, now);
    });
}

void SqliteStore::unregister_worker(std::int64_t worker_id) {
    write_to_file(Durability::note, Notify::yes, [&](Connection& c) {
        delete_worker(c, worker_id);
        return true;
    });
}

std::vector<Worker> SqliteStore::workers() {
    return read([&](Connection& c) { return load_workers(c); });
}

std::vector<RunningAttempt> SqliteStore::running_attempts() {
    return read([&](Connection& c) { return sqlite::running_attempts(c); });
}

bool SqliteStore::mark_suspect(const AttemptKey& attempt) {
    return write(Durability::note, Notify::yes, [&](Connection& c) {
        return sqlite::mark_suspect(c, attempt, clock_.read());
    });
}

std::optional<Finished> SqliteStore::reap(
    const AttemptKey& attempt, ReapGround ground, const std::string& actor) {
    return write(Durability::transition, Notify::yes, [&](Connection& c) {
        return reap_attempt(c, attempt, ground, actor, clock_.read());
    });
}

std::vector<PrunedJob> SqliteStore::prune(const Retention& retention, int limit) {
    require_write_mode();
    if (prune_list_.empty() || !prune_list_.is_for(retention))
        read([&](Connection& c, Time now) { prune_list_.fill(c, retention, now); });
    std::vector<PrunedJob> pruned;
    while (pruned.empty() && !prune_list_.empty()) {
        ClockReading locked;
        // A deletion that a power cut undoes is repeated by the next pass.
        pruned = write(Durability::note, Notify::yes, [&](Connection& c, Time now) {
            locked = clock_.read();
            return prune_list_.prune(c, limit, now);
        });
        prune_list_.adapt(elapsed(locked, clock_.read()));
    }
    return pruned;
}

std::int64_t SqliteStore::count_prunable(const Retention& retention) {
    return read([&](Connection& c, Time now) { return sqlite::count_prunable(c, retention, now); });
}

int SqliteStore::drop_tombstones(int limit) {
    return write(Durability::note, Notify::no, [&](Connection& c, Time now) {
        return sqlite::drop_tombstones(c, limit, now);
    });
}

void SqliteStore::index_all_texts() {
    // One batch per transaction, so that other writers get their turn in between.
    while (write(Durability::note, Notify::no, [](Connection& c) {
        return index_texts(c, kTextBatch) == kTextBatch;
    })) {
    }
}

void SqliteStore::optimize() {
    require_write_mode();
    index_all_texts();
    const WriterLock::Hold hold = writing_connection(Target::path).writer_lock().enter();
    connection_->execute(kAnalysisLimit);
    connection_->execute("PRAGMA optimize");
    connection_->execute(kReleasePages);
}

std::int64_t SqliteStore::count_runnable(const std::optional<AccountId>& account) {
    return read([&](Connection& c) { return sqlite::count_runnable(c, account); });
}

std::vector<RunnableJobs> SqliteStore::runnable_jobs() {
    return read([&](Connection& c) { return sqlite::runnable_jobs(c); });
}

std::vector<OwedHook> SqliteStore::owed_hooks(const std::optional<AccountId>& account) {
    return read([&](Connection& c) { return sqlite::owed_hooks(c, account); });
}

std::optional<Status> SqliteStore::take_hook(
    const JobId& id, const std::optional<AccountId>& account) {
    // FULL: a power cut must not make a hook run twice. If the ledger was moved, the hook stays
    // owed: its process would look for the job at the old path.
    return write(Durability::transition, Notify::no, [&](Connection& c) {
        return sqlite::take_hook(c, id, account);
    });
}

void SqliteStore::export_jobs(
    const JobFilter& filter, const Principal& principal, const RecordSink& sink) {
    read([&](Connection& c) { sqlite::export_jobs(c, filter, principal, sink); });
}

Imported SqliteStore::import_jobs(const ImportRequest& request) {
    Imported imported = write(Durability::transition, Notify::yes, [&](Connection& c) {
        return sqlite::import_jobs(c, request);
    });
    try {
        index_all_texts();
    } catch (const Error&) {
        // The jobs are imported and are found without the index, too; optimize() will index them.
        return imported;
    }
    return imported;
}

void SqliteStore::back_up(const BackupRequest& request, const PartDone& part_done) {
    read([&](Connection& c) { copy_ledger(c, request, part_done); });
}

std::optional<Job> SqliteStore::get(const JobRef& ref, const Principal& principal, Detail detail) {
    return read([&](Connection& c) { return find_job(c, ref, principal, detail); });
}

std::optional<CommandSpec> SqliteStore::command_of(const JobId& id) {
    return read([&](Connection& c) { return find_command(c, id); });
}

std::optional<CommandSpec> SqliteStore::hook_of(const JobId& id) {
    return read([&](Connection& c) { return find_hook(c, id); });
}

std::vector<Job> SqliteStore::cancelled_dependents(const JobId& id) {
    return read([&](Connection& c) { return find_cancelled_dependents(c, id); });
}

std::optional<Tombstone> SqliteStore::tombstone(const JobRef& ref, const Principal& principal) {
    return read([&](Connection& c) { return find_tombstone(c, ref, principal); });
}

JobPage SqliteStore::list(const ListQuery& query, const Principal& principal) {
    return read([&](Connection& c) { return list_jobs(c, query, principal); });
}

std::vector<Count> SqliteStore::count(const Principal& principal) {
    return read([&](Connection& c) { return count_jobs(c, principal); });
}

Statistics SqliteStore::statistics(const Principal& principal) {
    return read([&](Connection& c, Time now) { return read_statistics(c, principal, now); });
}

std::vector<PausedQueue> SqliteStore::paused_queues() {
    return read([&](Connection& c) { return sqlite::paused_queues(c); });
}

std::vector<Event> SqliteStore::events_since(const EventQuery& query, const Principal& principal) {
    return read([&](Connection& c) { return sqlite::events_since(c, query, principal); });
}

EventPosition SqliteStore::event_position(std::int64_t after_seq, const Principal& principal) {
    return read([&](Connection& c, Time now) {
        return sqlite::event_position(c, after_seq, principal, now);
    });
}

std::vector<AttemptRecord> SqliteStore::attempts_of(const JobId& id) {
    return read([&](Connection& c) { return load_attempts(c, id); });
}

std::unique_ptr<ChangeWatch> SqliteStore::watch_changes() {
    return std::make_unique<ChangeSignalWatch>(path_);
}

std::vector<Finding> SqliteStore::check_health(bool thorough) {
    return read([&](Connection& c, Time now) { return sqlite::check_health(c, thorough, now); });
}

std::optional<std::string> SqliteStore::why_untrusted() {
    return sqlite::why_untrusted(current_path_);
}

}  // namespace atlasjob::sqlite
