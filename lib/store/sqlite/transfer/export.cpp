#include "store/sqlite/transfer/export.h"

#include "store/sqlite/queries/get.h"
#include "store/sqlite/queries/resolved_query.h"

#include <fmt/format.h>

#include <limits>

namespace atlasjob::sqlite {

namespace {

constexpr int kExtraColumns = 4;  ///< Columns of kSelect before those of a job.
constexpr std::string_view kSelect =
    "SELECT lease_ms, cancel_grace_ms, cancel_text, has_command, {} FROM jobs j{}";
constexpr const char* kMet =
    "SELECT after_id FROM dependencies WHERE job_seq = ?1 AND met = 1 ORDER BY after_id";
constexpr const char* kAttempts =
    "SELECT n, fence, host, boot_id, pid_namespace, supervisor_pid, supervisor_start, pid, "
    "process_start, started_at, ended_at, exit_code, signal, outcome, reason, result "
    "FROM attempts WHERE job_seq = ?1 ORDER BY n";

AttemptRecord read_attempt(const Query& query) {
    AttemptRecord attempt;
    attempt.n = query.integer<int>(0);
    attempt.fence = query.integer(1);
    attempt.supervisor = read_identity(query, 2);
    if (!query.is_null(7))
        attempt.process = AttemptProcess{query.integer(7), query.integer<std::uint64_t>(8)};
    attempt.started_at = query.time(9);
    attempt.ended_at = query.optional_time(10);
    attempt.exit_code = query.optional_integer<int>(11);
    attempt.signal = query.optional_text(12);
    attempt.outcome = query.optional_text(13);
    if (!query.is_null(14)) attempt.reason = parse_reason(query.text(14));
    attempt.result = query.optional_text(15);
    return attempt;
}

std::vector<AttemptRecord> load_attempts(Connection& connection, std::int64_t job_seq) {
    std::vector<AttemptRecord> attempts;
    Query query{connection, kAttempts};
    for (query.bind(job_seq); query.step();)
        attempts.push_back(read_attempt(query));
    return attempts;
}

std::vector<JobId> load_met(Connection& connection, std::int64_t job_seq) {
    std::vector<JobId> met;
    Query query{connection, kMet};
    for (query.bind(job_seq); query.step();) {
        if (const auto id = JobId::parse(query.text(0))) met.push_back(*id);
    }
    return met;
}

std::vector<Event> load_events(Connection& connection, const JobId& id) {
    EventQuery all;
    all.job_id = id;
    all.limit = std::numeric_limits<int>::max();
    return events_since(connection, all, {"", true});
}

JobRecord read_record(Connection& connection, const Query& query) {
    Job job = read_job(query, kExtraColumns);
    JobRecord record{job.job_id};
    record.lease = query.optional_duration(0);
    record.cancel_grace = query.optional_duration(1);
    record.cancel_text = query.optional_text(2);
    load_links(connection, job);
    if (!job.after.empty()) record.met = load_met(connection, job.seq);
    if (query.integer<int>(3) != 0) {
        record.command = load_command(connection, job.seq);
        job.command = record.command->argv;
        job.cwd = record.command->cwd;
    }
    record.knows_environment = true;
    record.attempts = load_attempts(connection, job.seq);
    if (!record.attempts->empty()) job.worker = record.attempts->back().supervisor;
    record.events = load_events(connection, job.job_id);
    record.job = std::move(job);
    return record;
}

}  // namespace

void export_jobs(
    Connection& connection,
    const ListQuery& filter,
    const Principal& principal,
    const RecordSink& sink) {
    const Conditions conditions = conditions_of(filter, principal);
    const std::string sql =
        fmt::format(kSelect, kJobColumns, conditions.text()) + " ORDER BY j.seq";
    Query query{connection, connection.intern(sql)};
    conditions.bind_to(query);
    while (query.step() && sink(read_record(connection, query))) {
    }
}

std::optional<JobRecord> load_record(Connection& connection, const JobId& id) {
    static const std::string sql = fmt::format(kSelect, kJobColumns, " WHERE j.job_id = ?1");
    Query query{connection, sql.c_str()};
    if (!query.bind(id).step()) return {};
    return read_record(connection, query);
}

}  // namespace atlasjob::sqlite
