#include "store/sqlite/attempts.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kInsert =
    "INSERT INTO attempts (job_seq, n, fence, started_at, host, boot_id, pid_namespace, "
    "supervisor_pid, supervisor_start) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
constexpr const char* kClose =
    "UPDATE attempts SET ended_at = max(?3, started_at), outcome = ?4, reason = ?5, exit_code = "
    "?6, "
    "signal = ?7 WHERE job_seq = ?1 AND n = ?2";
constexpr const char* kDelete = "DELETE FROM attempts WHERE job_seq = ?1 AND n = ?2";
// A new attempt starts from nothing: what the last one reported is in its own row and the events.
constexpr const char* kOpen =
    "UPDATE jobs SET status = 'running', reason = NULL, verb = ?2, actor = ?3, attempt = attempt + "
    "1, "
    "fence = fence + 1, max_attempts = max(max_attempts, attempt + 1), started_at = ?4, "
    "updated_at = ?4, lease_ms = ?5, lease_until = ?6, suspect_at = NULL, ready = 0, progress = "
    "NULL, "
    "phase = NULL, message = NULL, current = NULL, total = NULL, exit_code = NULL, signal = NULL, "
    "error_code = NULL, log_bytes = 0, rev = rev + 1 WHERE seq = ?1";
constexpr const char* kUndo =
    "UPDATE jobs SET status = 'queued', verb = ?2, actor = ?3, attempt = attempt - 1, "
    "started_at = NULL, updated_at = ?4, lease_until = NULL, suspect_at = NULL, "
    "cancel_requested_at = NULL, ready = has_command, rev = rev + 1 WHERE seq = ?1";

}  // namespace

void insert_attempt(
    Connection& connection,
    const AttemptRow& row,
    const std::optional<ProcessIdentity>& supervisor,
    Time now) {
    Query query{connection, kInsert};
    query.bind(row.job_seq, row.n, row.fence, now);
    if (supervisor) {
        query.bind(
            supervisor->host, supervisor->boot_id, supervisor->pid_namespace, supervisor->pid,
            supervisor->start_ticks);
    }
    query.run();
}

void close_attempt(
    Connection& connection,
    const JobState& state,
    std::string_view outcome,
    const Outcome& how,
    Time now) {
    Query{connection, kClose}
        .bind(state.seq, state.attempt, now, outcome, how.reason, how.exit_code, how.signal)
        .run();
}

AttemptKey open_attempt(
    Connection& connection, const JobState& state, const AttemptOwner& owner, const Move& move) {
    const Time now = state.not_before(move.now);
    const auto lease_until = owner.lease ? std::optional{now + *owner.lease} : std::nullopt;
    Query{connection, kOpen}
        .bind(state.seq, move.verb, move.actor, now, owner.lease, lease_until)
        .run();
    const AttemptKey key{state.job_id, state.attempt + 1, state.fence + 1};
    insert_attempt(connection, {state.seq, *key.attempt, *key.fence}, owner.supervisor, now);
    return key;
}

void undo_attempt(Connection& connection, const JobState& state, const Move& move) {
    Query{connection, kDelete}.bind(state.seq, state.attempt).run();
    Query{connection, kUndo}
        .bind(state.seq, move.verb, move.actor, state.not_before(move.now))
        .run();
}

}  // namespace atlasjob::sqlite
