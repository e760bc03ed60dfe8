#include "store/sqlite/transfer/export.h"

#include "store/sqlite/queries/access_paths.h"
#include "store/sqlite/queries/get.h"

#include <fmt/format.h>

#include <limits>

namespace atlasjob::sqlite {

namespace {

constexpr std::string_view kSelect = R"sql(
    SELECT lease_ms, cancel_grace_ms, cancel_text, has_command, has_on_end, {}
    FROM jobs j
    WHERE {}
)sql";
constexpr const char* kMet = R"sql(
    SELECT after_id
    FROM dependencies
    WHERE job_seq = :job_seq
      AND met = 1
    ORDER BY after_id
)sql";
constexpr std::string_view kAttempts = R"sql(
    SELECT n, fence,
           host, machine_id, boot_id, pid_namespace, time_namespace,
           supervisor_pid, supervisor_start,
           pid, process_start,
           started_at, ended_at, exit_code, signal, outcome, reason, error, error_code, result, {}
    FROM attempts
    WHERE job_seq = :job_seq
    ORDER BY n
)sql";

AttemptRecord read_attempt(const Query& query) {
    AttemptRecord attempt;
    attempt.n = query.integer<int>("n");
    attempt.fence = query.integer("fence");
    attempt.supervisor = read_identity(query);
    if (const auto pid = query.optional_integer("pid"))
        attempt.process = AttemptProcess{*pid, query.integer<std::uint64_t>("process_start")};
    attempt.started_at = query.time("started_at");
    attempt.ended_at = query.optional_time("ended_at");
    attempt.exit_code = query.optional_integer<int>("exit_code");
    attempt.signal = query.optional_text("signal");
    attempt.outcome = query.optional_text("outcome");
    attempt.reason = parse_reason(query.text("reason"));
    attempt.error = query.optional_text("error");
    attempt.error_code = query.optional_text("error_code");
    attempt.result = query.optional_text("result");
    attempt.usage = read_usage(query);
    return attempt;
}

std::vector<AttemptRecord> load_attempts(Connection& connection, std::int64_t job_seq) {
    std::vector<AttemptRecord> attempts;
    static const std::string sql = fmt::format(kAttempts, kUsageColumns);
    Query query{connection, sql.c_str()};
    for (query.bind("job_seq", job_seq); query.step();)
        attempts.push_back(read_attempt(query));
    return attempts;
}

std::vector<JobId> load_met(Connection& connection, std::int64_t job_seq) {
    std::vector<JobId> met;
    Query query{connection, kMet};
    for (query.bind("job_seq", job_seq); query.step();) {
        if (const auto id = JobId::parse(query.text("after_id"))) met.push_back(*id);
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
    Job job = read_job(query);
    JobRecord record{job.job_id};
    record.lease = query.optional_duration("lease_ms");
    record.cancel_grace = query.optional_duration("cancel_grace_ms");
    record.cancel_text = query.optional_text("cancel_text");
    load_links(connection, job);
    if (!job.after.empty() || !job.after_ended.empty()) record.met = load_met(connection, job.seq);
    if (query.flag("has_command")) {
        record.command = load_command(connection, job.seq);
        job.command = record.command->argv;
        job.cwd = record.command->cwd;
    } else if (query.flag("has_on_end")) {
        record.hook = load_command(connection, job.seq);
    }
    record.knows_environment = true;
    record.attempts = load_attempts(connection, job.seq);
    if (!record.attempts->empty()) job.worker = record.attempts->back().supervisor;
    job.usage = latest_usage(*record.attempts);
    record.events = load_events(connection, job.job_id);
    record.job = std::move(job);
    return record;
}

constexpr const char* kSeqOf = R"sql(
    SELECT seq
    FROM jobs
    WHERE job_id = :job_id
)sql";

}  // namespace

std::vector<AttemptRecord> load_attempts(Connection& connection, const JobId& id) {
    Query query{connection, kSeqOf};
    if (!query.bind("job_id", id).step()) return {};
    return load_attempts(connection, query.integer("seq"));
}

void export_jobs(
    Connection& connection,
    const JobFilter& filter,
    const Principal& principal,
    const RecordSink& sink) {
    static const std::string sql = fmt::format(kSelect, kJobColumns, "j.seq = :seq");
    for (const std::int64_t seq : seqs_of(connection, filter, principal)) {
        Query query{connection, sql.c_str()};
        if (query.bind("seq", seq).step() && !sink(read_record(connection, query))) return;
    }
}

std::optional<JobRecord> load_record(Connection& connection, const JobId& id) {
    static const std::string sql = fmt::format(kSelect, kJobColumns, "j.job_id = :job_id");
    Query query{connection, sql.c_str()};
    if (!query.bind("job_id", id).step()) return {};
    return read_record(connection, query);
}

}  // namespace atlasjob::sqlite
