#include "store/sqlite/verbs/attempts.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kInsert =
    "INSERT INTO attempts (job_seq, n, fence, started_at, host, boot_id, pid_namespace, "
    "supervisor_pid, supervisor_start, pid, process_start) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
    "?9, ?10, ?11)";
// If the noted process is the supervisor itself (starts_at_once), no command was spawned: clear it.
constexpr const char* kClose =
    "UPDATE attempts SET ended_at = max(?3, started_at), outcome = ?4, reason = ?5, exit_code = "
    "?6, signal = ?7, process_start = coalesce(?9, process_start), pid = CASE WHEN ?4 = 'lost' "
    "THEN pid ELSE nullif(coalesce(?8, pid), supervisor_pid) END WHERE job_seq = ?1 AND n = ?2";
constexpr const char* kDelete = "DELETE FROM attempts WHERE job_seq = ?1 AND n = ?2";
// A new attempt starts without progress or results: those of the last one stay in its own row.
constexpr std::string_view kOpen =
    "UPDATE jobs SET status = 'running', reason = NULL, verb = ?2, actor = ?3, attempt = attempt + "
    "1, fence = fence + 1, max_attempts = max(max_attempts, attempt + 1), "
    "started_at = max(updated_at, ?4), updated_at = max(updated_at, ?4), lease_ms = ?5, "
    "lease_until = max(updated_at, ?4) + ?5, suspect_at = NULL, ready = 0, progress = NULL, "
    "phase = NULL, message = NULL, current = NULL, total = NULL, exit_code = NULL, signal = NULL, "
    "error_code = NULL, log_bytes = 0, rev = rev + 1 WHERE seq = ?1 RETURNING fence";
constexpr const char* kUndo =
    "UPDATE jobs SET status = 'queued', verb = ?2, actor = ?3, attempt = attempt - 1, "
    "started_at = NULL, updated_at = ?4, lease_until = NULL, suspect_at = NULL, "
    "cancel_requested_at = NULL, ready = has_command, rev = rev + 1 WHERE seq = ?1";

}  // namespace

void insert_attempt(
    Connection& connection, const AttemptRow& row, const AttemptOwner& owner, Time now) {
    Query query{connection, kInsert};
    query.bind(row.job_seq, row.n, row.fence, now);
    if (const auto& process = owner.supervisor) {
        query.bind(process->host, process->boot_id, process->pid_namespace)
            .bind(process->pid, process->start_ticks);
        if (owner.starts_at_once) query.bind(process->pid, process->start_ticks);
    }
    query.run();
}

void close_attempt(
    Connection& connection,
    const JobState& state,
    std::string_view word,
    const Outcome& outcome,
    Time now) {
    Query query{connection, kClose};
    query.bind(state.seq, state.attempt, now, word, outcome.reason)
        .bind(outcome.exit_code, outcome.signal);
    if (outcome.process && state.supervised)
        query.bind(outcome.process->pid, outcome.process->start_ticks);
    query.run();
}

Opened open_attempt(
    Connection& connection, std::int64_t seq, const AttemptOwner& owner, const Change& change) {
    // One statement both updates and reads the row, which makes a claim much cheaper.
    static const std::string open = fmt::format("{}, {}", kOpen, kJobColumns);
    Query query{connection, open.c_str()};
    query.bind(seq, change.verb, change.actor, change.now, owner.lease).step();
    const auto fence = query.integer(0);
    Job job = read_job(query, 1);
    query.run();
    insert_attempt(connection, {seq, job.attempt, fence}, owner, job.updated_at);
    const AttemptKey key{job.job_id, job.attempt, fence};
    return {std::move(job), key};
}

void undo_attempt(Connection& connection, const JobState& state, const Change& change) {
    Query{connection, kDelete}.bind(state.seq, state.attempt).run();
    Query{connection, kUndo}
        .bind(state.seq, change.verb, change.actor, state.not_before(change.now))
        .run();
}

}  // namespace atlasjob::sqlite
