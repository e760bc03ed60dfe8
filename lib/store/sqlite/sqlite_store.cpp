#include "store/sqlite/sqlite_store.h"

#include "base/error.h"
#include "ledger/limits.h"
#include "store/sqlite/file/trust.h"
#include "store/sqlite/queries/search.h"
#include "store/sqlite/sqlite_store_calls.h"
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
    undropped_texts_ += std::ssize(pruned);
    if (undropped_texts_ >= kTextsAtOnce) undropped_texts_ -= drop_texts();
    return pruned;
}

int SqliteStore::drop_texts() {
    return write(Durability::note, Notify::no, [](Connection& c) {
        return drop_texts_of_deleted(c, kTextsAtOnce);
    });
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
    while (drop_texts() == kTextsAtOnce) {
    }
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

std::unique_ptr<ChangeWatch> SqliteStore::watch_changes() {
    return std::make_unique<ChangeSignalWatch>(path_);
}

std::optional<std::string> SqliteStore::why_untrusted() {
    return sqlite::why_untrusted(current_path_);
}

}  // namespace atlasjob::sqlite
