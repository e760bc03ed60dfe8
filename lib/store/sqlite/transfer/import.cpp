#include "store/sqlite/transfer/import.h"

#include "base/error.h"
#include "store/sqlite/transfer/export.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

// The verb `import` keeps the insert trigger from adding an event: the history is imported, too.
// The job's next transition replaces it.
constexpr const char* kInsert =
    "INSERT INTO jobs (seq, job_id, kind, owner, status, reason, verb, actor, progress, phase, "
    "message, current, total, created_at, run_after, started_at, updated_at, ended_at, expires_at, "
    "queue, priority, attempt, max_attempts, fence, lease_ms, timeout_ms, retain_ms, backoff_ms, "
    "cancel_requested_at, cancel_grace_ms, cancel_text, key, has_command, held, exit_code, signal, "
    "error_code, log_bytes, name, error, target, result, has_on_end) VALUES (?1, ?2, ?3, ?4, ?5, "
    "?6, 'import', "
    "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, "
    "?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42)";
constexpr const char* kInsertAttempt =
    "INSERT INTO attempts (job_seq, n, fence, host, boot_id, pid_namespace, supervisor_pid, "
    "supervisor_start, pid, process_start, started_at, ended_at, exit_code, signal, outcome, "
    "reason, result, elsewhere) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, "
    "?14, ?15, ?16, ?17, ?12 IS NULL)";
constexpr const char* kInsertEvent =
    "INSERT INTO events (seq, job_seq, at, type, from_status, to_status, actor, reason) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
constexpr const char* kLink =
    "INSERT INTO dependencies (job_seq, after_id, met) VALUES (?1, ?2, "
    "?3 OR EXISTS (SELECT 1 FROM jobs WHERE job_id = ?2 AND status = 'done')) "
    "ON CONFLICT DO NOTHING";
constexpr const char* kCountOpen =
    "UPDATE jobs SET open_dependencies = (SELECT count(*) FROM dependencies WHERE job_seq = ?1 "
    "AND met = 0) WHERE seq = ?1 AND status = 'queued'";
// A job may come before its dependency.
constexpr const char* kOneFewer =
    "UPDATE jobs SET open_dependencies = open_dependencies - 1 WHERE status = 'queued' AND seq IN "
    "(SELECT job_seq FROM dependencies WHERE after_id = ?1 AND met = 0)";
constexpr const char* kMeet = "UPDATE dependencies SET met = 1 WHERE after_id = ?1 AND met = 0";

constexpr const char* kActiveWithKey =
    "SELECT seq FROM jobs WHERE owner = ?1 AND key = ?2 AND status IN ('queued', 'running')";
constexpr const char* kTaken =
    "SELECT 1 FROM jobs WHERE seq = ?1 UNION ALL "
    "SELECT 1 FROM tombstones WHERE seq = ?1 AND job_id <> ?2";
constexpr const char* kEventTaken = "SELECT 1 FROM events WHERE seq = ?1";
constexpr const char* kMaxSeq =
    "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0), "
    "coalesce((SELECT max(seq) FROM tombstones), 0))";
constexpr const char* kDropTombstone = "DELETE FROM tombstones WHERE job_id = ?1";

bool has_row(Query& query) {
    return query.step();
}

/// Assigns each job its seq: the one it had if that is free, otherwise one above all others.
class SeqAllocator {
  public:
    SeqAllocator(Connection& connection, std::int64_t max_requested) : connection_(connection) {
        Query query{connection, kMaxSeq};
        last_ = std::max(max_requested, query.step() ? query.integer(0) : 0);
    }

    std::int64_t allocate(const Job& job) {
        Query taken{connection_, kTaken};
        if (job.seq == 0 || has_row(taken.bind(job.seq, job.job_id))) return ++last_;
        last_ = std::max(last_, job.seq);
        return job.seq;
    }

  private:
    Connection& connection_;
    std::int64_t last_ = 0;
};

void refuse_active_key(Connection& connection, const Job& job) {
    if (!job.key || is_terminal(job.status)) return;
    Query query{connection, kActiveWithKey};
    if (!query.bind(job.owner, job.key).step()) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "the key \"{}\" of job {} is active on job {}", *job.key, job.job_id.view(),
            query.integer(0)),
        "wait for that job to end, or cancel it");
}

bool is_to_be_held(const JobRecord& record) {
    return record.job.status == Status::queued && record.command;
}

void insert_row(Connection& connection, const JobRecord& record, std::int64_t seq) {
    const Job& job = record.job;
    const auto attempts = attempts_of(record);
    const auto backoff = record.command ? record.command->backoff : std::nullopt;
    const std::int64_t fence = attempts.empty() ? job.attempt : attempts.back().fence;
    Query{connection, kInsert}
        .bind(seq, job.job_id, job.kind, job.owner, job.status, job.reason)
        .bind(events_of(record).back().actor, job.progress, job.phase, job.message, job.current)
        .bind(job.total, job.created_at, job.run_after, job.started_at, job.updated_at)
        .bind(job.ended_at, job.expires_at, job.queue, job.priority, job.attempt, job.max_attempts)
        .bind(fence, record.lease, job.timeout, job.retention, backoff, job.cancel_requested_at)
        .bind(record.cancel_grace, record.cancel_text, job.key, record.command.has_value())
        .bind(is_to_be_held(record))
        .bind(job.exit_code, job.signal, job.error_code, job.log_bytes, job.name, job.error)
        .bind(job.target, job.result, record.command && record.command->on_end)
        .run();
}

void insert_attempts(Connection& connection, const JobRecord& record, std::int64_t seq) {
    for (const AttemptRecord& attempt : attempts_of(record)) {
        Query query{connection, kInsertAttempt};
        query.bind(seq, attempt.n, attempt.fence);
        if (const auto& process = attempt.supervisor) {
            query.bind(process->host, process->boot_id, process->pid_namespace)
                .bind(process->pid, process->start_ticks);
        } else {
            query.bind(nullptr, nullptr, nullptr, nullptr, nullptr);
        }
        if (attempt.process) {
            query.bind(attempt.process->pid, attempt.process->start_ticks);
        } else {
            query.bind(nullptr, nullptr);
        }
        query.bind(attempt.started_at, attempt.ended_at, attempt.exit_code, attempt.signal)
            .bind(attempt.outcome, attempt.reason, attempt.result)
            .run();
    }
}

/// Whether all events can keep their numbers. If only some could, their order would be lost.
bool may_keep_numbers(Connection& connection, const std::vector<Event>& events) {
    return std::ranges::all_of(events, [&](const Event& event) {
        Query query{connection, kEventTaken};
        return event.seq > 0 && !has_row(query.bind(event.seq));
    });
}

void insert_events(Connection& connection, const JobRecord& record, std::int64_t seq) {
    const std::vector<Event> events = events_of(record);
    const bool keep_numbers = may_keep_numbers(connection, events);
    for (const Event& event : events) {
        const auto number = keep_numbers ? std::optional{event.seq} : std::nullopt;
        Query{connection, kInsertEvent}
            .bind(number, seq, event.at, event.type, event.from, event.to, event.actor)
            .bind(event.reason)
            .run();
    }
}

void link(Connection& connection, const JobRecord& record, std::int64_t seq) {
    for (const JobId& id : record.job.after) {
        const bool met = std::ranges::find(record.met, id) != record.met.end();
        Query{connection, kLink}.bind(seq, id, met).run();
    }
    if (!record.job.after.empty()) Query{connection, kCountOpen}.bind(seq).run();
    if (record.job.status != Status::done) return;
    Query{connection, kOneFewer}.bind(record.job.job_id).run();
    Query{connection, kMeet}.bind(record.job.job_id).run();
}

void insert_record(Connection& connection, const JobRecord& record, std::int64_t seq) {
    refuse_active_key(connection, record.job);
    Query{connection, kDropTombstone}.bind(record.job.job_id).run();
    insert_row(connection, record, seq);
    if (record.command) insert_command(connection, seq, *record.command);
    insert_labels(connection, seq, record.job.labels);
    insert_attempts(connection, record, seq);
    insert_events(connection, record, seq);
    link(connection, record, seq);
}

void refuse_other_content(const JobRecord& record, const JobRecord& stored) {
    if (is_same_content(record, stored)) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "job {} is already in the ledger as job {}, with different content",
            record.job.job_id.view(), stored.job.seq),
        "remove its line, or import into a new ledger");
}

}  // namespace

Imported import_jobs(Connection& connection, const ImportRequest& request) {
    Imported imported;
    SeqAllocator allocator{connection, request.highest_seq};
    while (auto next = request.next()) {
        const JobRecord record = completed(std::move(*next));
        check(record);
        if (const auto stored = load_record(connection, record.job.job_id)) {
            refuse_other_content(record, *stored);
            ++imported.skipped;
            continue;
        }
        const std::int64_t seq = allocator.allocate(record.job);
        insert_record(connection, record, seq);
        ++imported.recorded;
        if (is_to_be_held(record)) ++imported.held;
        if (record.job.seq > 0 && record.job.seq != seq)
            imported.renumbered.push_back({record.job.seq, seq});
    }
    return imported;
}

}  // namespace atlasjob::sqlite
