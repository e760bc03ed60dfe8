#include "store/sqlite/verbs/attempts.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kInsert = R"sql(
    INSERT INTO attempts (
        job_seq, n, fence, started_at, schema_version,
        host, machine_id, boot_id, pid_namespace, time_namespace,
        supervisor_pid, supervisor_start,
        pid, process_start
    ) VALUES (
        :job_seq, :n, :fence, :started_at, :schema_version,
        :host, :machine_id, :boot_id, :pid_namespace, :time_namespace,
        :supervisor_pid, :supervisor_start,
        :pid, :process_start
    )
)sql";
// If the noted process is the supervisor itself (starts_at_once), no command was spawned: clear it.
constexpr const char* kClose = R"sql(
    UPDATE attempts
    SET ended_at = max(:now, started_at),
        outcome = :outcome,
        reason = :reason,
        exit_code = :exit_code,
        signal = :signal,
        error = :error,
        error_code = :error_code,
        result = coalesce(:result, result),
        process_start = coalesce(:process_start, process_start),
        pid = CASE
            WHEN :outcome = 'lost' THEN pid
            ELSE nullif(coalesce(:pid, pid), supervisor_pid)
        END
    WHERE job_seq = :job_seq
      AND n = :n
)sql";
constexpr const char* kDelete = R"sql(
    DELETE FROM attempts
    WHERE job_seq = :job_seq
      AND n = :n
)sql";
// A new attempt starts without progress or results: those of the last one stay in its own row. One
// statement both updates and reads the row, which makes a claim much cheaper.
constexpr const char* kOpen = R"sql(
    UPDATE jobs
    SET status = 'running',
        reason = NULL,
        verb = :verb,
        actor = :actor,
        attempt = attempt + 1,
        fence = fence + 1,
        max_attempts = max(max_attempts, attempt + 1),
        started_at = max(updated_at, :now),
        updated_at = max(updated_at, :now),
        lease_ms = :lease,
        lease_until = max(updated_at, :now) + :lease,
        suspect_at = NULL,
        ready = 0,
        progress = NULL,
        phase = NULL,
        message = NULL,
        current = NULL,
        total = NULL,
        exit_code = NULL,
        signal = NULL,
        error_code = NULL,
        log_bytes = 0,
        rev = rev + 1
    WHERE seq = :seq
    RETURNING fence, {}
)sql";
constexpr const char* kUndo = R"sql(
    UPDATE jobs
    SET status = 'queued',
        verb = :verb,
        actor = :actor,
        attempt = attempt - 1,
        started_at = NULL,
        updated_at = :now,
        lease_until = NULL,
        suspect_at = NULL,
        cancel_requested_at = NULL,
        ready = has_command,
        rev = rev + 1
    WHERE seq = :seq
)sql";

std::optional<AttemptProcess> process_of(const std::optional<ProcessIdentity>& identity) {
    if (!identity) return {};
    return AttemptProcess{identity->pid, identity->start_ticks};
}

}  // namespace

void bind_supervisor(Query& query, const std::optional<ProcessIdentity>& supervisor) {
    using Identity = ProcessIdentity;
    const auto bind = [&](std::string_view name, auto member) {
        query.bind(name, supervisor ? std::optional{(*supervisor).*member} : std::nullopt);
    };
    bind("host", &Identity::host);
    bind("machine_id", &Identity::machine_id);
    bind("boot_id", &Identity::boot_id);
    bind("pid_namespace", &Identity::pid_namespace);
    bind("time_namespace", &Identity::time_namespace);
    bind("supervisor_pid", &Identity::pid);
    bind("supervisor_start", &Identity::start_ticks);
}

void bind_process(Query& query, const std::optional<AttemptProcess>& process) {
    query.bind("pid", process ? std::optional{process->pid} : std::nullopt)
        .bind("process_start", process ? std::optional{process->start_ticks} : std::nullopt);
}

void insert_attempt(
    Connection& connection, const AttemptRow& row, const AttemptOwner& owner, Time now) {
    Query query{connection, kInsert};
    query.bind("job_seq", row.job_seq)
        .bind("n", row.n)
        .bind("fence", row.fence)
        .bind("started_at", now)
        .bind("schema_version", connection.known_version());
    bind_supervisor(query, owner.supervisor);
    bind_process(query, owner.starts_at_once ? process_of(owner.supervisor) : std::nullopt);
    query.run();
}

void close_attempt(
    Connection& connection,
    const JobState& state,
    std::string_view word,
    const Outcome& outcome,
    Time now) {
    Query query{connection, kClose};
    query.bind("now", now)
        .bind("outcome", word)
        .bind("reason", outcome.reason)
        .bind("exit_code", outcome.exit_code)
        .bind("signal", outcome.signal)
        .bind("error", outcome.error)
        .bind("error_code", outcome.error_code)
        .bind("result", outcome.result);
    bind_process(query, state.supervised ? process_of(outcome.process) : std::nullopt);
    query.bind("job_seq", state.seq).bind("n", state.attempt).run();
}

Opened open_attempt(
    Connection& connection, std::int64_t seq, const AttemptOwner& owner, const Change& change) {
    static const std::string open = fmt::format(kOpen, kJobColumns);
    Query query{connection, open.c_str()};
    query.bind("verb", change.verb)
        .bind("actor", change.actor)
        .bind("now", change.now)
        .bind("lease", owner.lease)
        .bind("seq", seq)
        .step();
    const auto fence = query.integer("fence");
    Job job = read_job(query);
    query.run();
    insert_attempt(connection, {seq, job.attempt, fence}, owner, job.updated_at);
    const AttemptKey key{job.job_id, job.attempt, fence};
    return {std::move(job), key};
}

void undo_attempt(Connection& connection, const JobState& state, const Change& change) {
    Query{connection, kDelete}.bind("job_seq", state.seq).bind("n", state.attempt).run();
    Query{connection, kUndo}
        .bind("verb", change.verb)
        .bind("actor", change.actor)
        .bind("now", state.not_before(change.now))
        .bind("seq", state.seq)
        .run();
}

}  // namespace atlasjob::sqlite
