#include "store/sqlite/transfer/import.h"

#include "base/error.h"
#include "ledger/job_fields.h"
#include "store/sqlite/transfer/export.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/dependencies.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace atlasjob::sqlite {

namespace {

// The columns of a job that its fields do not give. The verb `import` keeps the insert trigger from
// adding an event: the history is imported, too. The job's next transition replaces it.
constexpr std::string_view kInsert = R"sql(
    INSERT INTO jobs (
        verb, actor, fence, lease_ms, backoff_ms, backoff_factor,
        cancel_grace_ms, cancel_text, has_command, held, has_on_end, {}
    ) VALUES (
        'import', :actor, :fence, :lease, :backoff, :backoff_factor,
        :cancel_grace, :cancel_text, :has_command, :held, :has_on_end, {}
    )
)sql";
constexpr std::string_view kInsertAttempt = R"sql(
    INSERT INTO attempts (
        job_seq, n, fence,
        host, machine_id, boot_id, pid_namespace, time_namespace,
        supervisor_pid, supervisor_start,
        pid, process_start,
        started_at, ended_at, exit_code, signal, outcome, reason, error, error_code, result,
        elsewhere, {}
    ) VALUES (
        :job_seq, :n, :fence,
        :host, :machine_id, :boot_id, :pid_namespace, :time_namespace,
        :supervisor_pid, :supervisor_start,
        :pid, :process_start,
        :started_at, :ended_at, :exit_code, :signal, :outcome, :reason, :error, :error_code, :result,
        :ended_at IS NULL, {}
    )
)sql";
constexpr const char* kAddEventType = R"sql(
    INSERT INTO event_types (type)
    VALUES (:type)
    ON CONFLICT DO NOTHING
)sql";
constexpr const char* kInsertEvent = R"sql(
    INSERT INTO events (seq, job_seq, at, type, from_status, to_status, actor, reason, detail)
    VALUES (:seq, :job_seq, :at, :type, :from_status, :to_status, :actor, :reason, :detail)
)sql";
constexpr const char* kLink = R"sql(
    INSERT INTO dependencies (job_seq, after_id, any_end, met)
    VALUES (
        :job_seq,
        :after_id,
        :any_end,
        :met
        OR EXISTS (
            SELECT 1 FROM jobs
            WHERE job_id = :after_id AND ended_at IS NOT NULL AND (:any_end OR status = 'done')
        )
        OR EXISTS (
            SELECT 1 FROM tombstones
            WHERE job_id = :after_id AND (:any_end OR last_status = 'done')
        )
    )
    ON CONFLICT DO NOTHING
)sql";
constexpr const char* kCountOpen = R"sql(
    UPDATE jobs
    SET open_dependencies = (SELECT count(*) FROM dependencies WHERE job_seq = :seq AND met = 0)
    WHERE seq = :seq
      AND status = 'queued'
)sql";
// A job may come before its dependency.
constexpr const char* kOneFewer = R"sql(
    UPDATE jobs
    SET open_dependencies = open_dependencies - 1
    WHERE status = 'queued'
      AND seq IN (
          SELECT job_seq FROM dependencies
          WHERE after_id = :after_id AND met = 0 AND (any_end OR :done)
      )
)sql";
constexpr const char* kTaken = R"sql(
    SELECT 1 FROM jobs WHERE seq = :seq
    UNION ALL
    SELECT 1 FROM tombstones WHERE seq = :seq AND job_id <> :job_id
)sql";
constexpr const char* kEventTaken = R"sql(
    SELECT 1
    FROM events
    WHERE seq = :seq
)sql";
constexpr const char* kMaxSeq = R"sql(
    SELECT max(
        coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'jobs'), 0),
        coalesce((SELECT max(seq) FROM tombstones), 0)
    ) AS seq
)sql";
constexpr const char* kDropTombstone = R"sql(
    DELETE FROM tombstones
    WHERE job_id = :job_id
)sql";

/// Assigns each job its seq: the one it had if that is free, otherwise one above all others.
class SeqAllocator {
  public:
    SeqAllocator(Connection& connection, std::int64_t max_requested) : connection_(connection) {
        Query query{connection, kMaxSeq};
        last_ = std::max(max_requested, query.step() ? query.integer("seq") : 0);
    }

    std::int64_t allocate(const Job& job) {
        Query taken{connection_, kTaken};
        taken.bind("seq", job.seq).bind("job_id", job.job_id);
        if (job.seq == 0 || taken.step()) return ++last_;
        last_ = std::max(last_, job.seq);
        return job.seq;
    }

  private:
    Connection& connection_;
    std::int64_t last_ = 0;
};

void refuse_active_key(Connection& connection, const Job& job) {
    if (!job.key || is_terminal(job.status)) return;
    const auto active = active_with_key(connection, job.owner, job.key);
    if (!active) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "the key \"{}\" of job {} is active on job {}", *job.key, job.job_id.view(),
            active->seq),
        fmt::format("wait for that job to end, or cancel it: `atlasjob cancel {}`", active->seq));
}

bool is_inserted(const FieldInfo& field) {
    return field.is_stored() && field.is_imported();
}

/// `statement` with the columns of all fields that an import takes, and their parameters, which
/// have the columns' names.
std::string with_columns(std::string_view statement, std::span<const FieldInfo> fields) {
    std::vector<std::string> columns;
    for (const FieldInfo& field : fields)
        if (is_inserted(field)) columns.emplace_back(field.column);
    return fmt::format(
        fmt::runtime(statement), fmt::join(columns, ", "),
        ":" + fmt::format("{}", fmt::join(columns, ", :")));
}

bool is_to_be_held(const JobRecord& record) {
    return record.job.status == Status::queued && record.command;
}

void insert_row(Connection& connection, const JobRecord& record) {
    static const std::string sql = with_columns(kInsert, kJobFieldInfos);
    const auto attempts = attempts_of(record);
    const std::int64_t fence = attempts.empty() ? record.job.attempt : attempts.back().fence;
    Query query{connection, sql.c_str()};
    query.bind("actor", events_of(record).back().actor)
        .bind("fence", fence)
        .bind("lease", record.lease)
        .bind("backoff", record.command ? record.command->backoff : std::nullopt)
        .bind("backoff_factor", record.command ? record.command->backoff_factor : std::nullopt)
        .bind("cancel_grace", record.cancel_grace)
        .bind("cancel_text", record.cancel_text)
        .bind("has_command", record.command.has_value())
        .bind("held", is_to_be_held(record))
        .bind("has_on_end", has_on_end(record.command, record.hook));
    visit_columns(kJobFields, record.job, [&](const FieldInfo& field, const auto& value) {
        if (is_inserted(field)) query.bind(field.column, value);
    });
    query.run();
}

void insert_attempts(Connection& connection, const JobRecord& record, std::int64_t seq) {
    static const std::string sql = with_columns(kInsertAttempt, kUsageFieldInfos);
    for (const AttemptRecord& attempt : attempts_of(record)) {
        Query query{connection, sql.c_str()};
        query.bind("job_seq", seq).bind("n", attempt.n).bind("fence", attempt.fence);
        bind_supervisor(query, attempt.supervisor);
        bind_process(query, attempt.process);
        query.bind("started_at", attempt.started_at)
            .bind("ended_at", attempt.ended_at)
            .bind("exit_code", attempt.exit_code)
            .bind("signal", attempt.signal)
            .bind("outcome", attempt.outcome)
            .bind("reason", attempt.reason)
            .bind("error", attempt.error)
            .bind("error_code", attempt.error_code)
            .bind("result", attempt.result);
        const Usage usage = attempt.usage.value_or(Usage{});
        visit_columns(kUsageFields, usage, [&](const FieldInfo& field, const auto& value) {
            query.bind(field.column, value);
        });
        query.run();
    }
}

/// Whether all events can keep their numbers. If only some could, their order would be lost.
bool may_keep_numbers(Connection& connection, const std::vector<Event>& events) {
    return std::ranges::all_of(events, [&](const Event& event) {
        Query query{connection, kEventTaken};
        return event.seq > 0 && !query.bind("seq", event.seq).step();
    });
}

void insert_events(Connection& connection, const JobRecord& record, std::int64_t seq) {
    const std::vector<Event> events = events_of(record);
    const bool keep_numbers = may_keep_numbers(connection, events);
    for (const Event& event : events) {
        const auto number = keep_numbers ? std::optional{event.seq} : std::nullopt;
        Query{connection, kAddEventType}.bind("type", event.type).run();
        Query{connection, kInsertEvent}
            .bind("seq", number)
            .bind("job_seq", seq)
            .bind("at", event.at)
            .bind("type", event.type)
            .bind("from_status", event.from)
            .bind("to_status", event.to)
            .bind("actor", event.actor)
            .bind("reason", event.reason)
            .bind("detail", event.detail)
            .run();
    }
}

void link(Connection& connection, const JobRecord& record, std::int64_t seq) {
    const auto link_all = [&](const std::vector<JobId>& after, bool any_end) {
        for (const JobId& id : after) {
            const bool met = std::ranges::find(record.met, id) != record.met.end();
            Query{connection, kLink}
                .bind("job_seq", seq)
                .bind("after_id", id)
                .bind("any_end", any_end)
                .bind("met", met)
                .run();
        }
    };
    link_all(record.job.after, false);
    link_all(record.job.after_ended, true);
    const bool waits = !record.job.after.empty() || !record.job.after_ended.empty();
    if (waits) Query{connection, kCountOpen}.bind("seq", seq).run();
}

/// Releases the jobs that were imported before the one that they wait for.
void meet_dependents(Connection& connection, const Job& job) {
    if (!is_terminal(job.status)) return;
    const bool done = job.status == Status::done;
    Query{connection, kOneFewer}.bind("after_id", job.job_id).bind("done", done).run();
    meet_dependencies(connection, job.job_id, done);
}

/// Inserts the record with the seq that it has.
void insert_record(Connection& connection, const JobRecord& record) {
    const std::int64_t seq = record.job.seq;
    refuse_active_key(connection, record.job);
    Query{connection, kDropTombstone}.bind("job_id", record.job.job_id).run();
    insert_row(connection, record);
    if (record.command) insert_command(connection, seq, *record.command);
    if (record.hook) insert_command(connection, seq, *record.hook);
    insert_labels(connection, seq, record.job.labels);
    insert_attempts(connection, record, seq);
    insert_events(connection, record, seq);
    link(connection, record, seq);
    meet_dependents(connection, record.job);
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
        JobRecord record = completed(std::move(*next));
        check(record);
        if (const auto stored = load_record(connection, record.job.job_id)) {
            refuse_other_content(record, *stored);
            ++imported.skipped;
            continue;
        }
        const std::int64_t requested = record.job.seq;
        record.job.seq = allocator.allocate(record.job);
        insert_record(connection, record);
        ++imported.recorded;
        if (is_to_be_held(record)) ++imported.held;
        if (requested > 0 && requested != record.job.seq)
            imported.renumbered.push_back({requested, record.job.seq});
    }
    return imported;
}

}  // namespace atlasjob::sqlite
