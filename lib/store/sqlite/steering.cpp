#include "store/sqlite/steering.h"

#include "base/error.h"
#include "store/sqlite/dependencies.h"
#include "store/sqlite/finishing.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRequestCancel =
    "UPDATE jobs SET status = 'running', verb = 'request_cancel', actor = ?2, reason = 'user', "
    "updated_at = ?3, cancel_requested_at = ?3, cancel_grace_ms = ?4, cancel_text = ?5, rev = rev "
    "+ 1 "
    "WHERE seq = ?1";
constexpr const char* kActiveWithKey =
    "SELECT seq FROM jobs WHERE owner = ?1 AND key = ?2 AND status IN ('queued', 'running')";
constexpr const char* kRetry =
    "UPDATE jobs SET status = 'queued', reason = NULL, verb = 'retry', actor = ?2, updated_at = "
    "?3, "
    "run_after = NULL, started_at = NULL, ended_at = NULL, expires_at = NULL, result = NULL, error "
    "= NULL, "
    "error_code = NULL, exit_code = NULL, signal = NULL, progress = NULL, phase = NULL, message = "
    "NULL, "
    "current = NULL, total = NULL, cancel_requested_at = NULL, cancel_grace_ms = NULL, cancel_text "
    "= NULL, "
    "max_attempts = max(max_attempts, attempt + 1), open_dependencies = ?4, "
    "ready = (has_command AND ?4 = 0), held = 0, on_end_pending = 0, rev = rev + 1 WHERE seq = ?1";
// Not a step of the machine: the job stays queued, and its history says that it may go on.
constexpr const char* kLetRun =
    "UPDATE jobs SET held = 0, open_dependencies = ?2, ready = (?2 = 0 AND coalesce(run_after, 0) "
    "<= ?3), updated_at = ?3, rev = rev + 1 WHERE seq = ?1";

constexpr const char* kEdit =
    "UPDATE jobs SET status = 'queued', verb = 'edit', actor = ?2, updated_at = ?3, priority = ?4, "
    "queue = ?5, run_after = ?6, ready = (has_command AND held = 0 AND open_dependencies = 0 AND "
    "coalesce(?6, 0) <= ?3), rev = rev + 1 WHERE seq = ?1";
// Never before what the history has already.
constexpr const char* kNoteEvent =
    "INSERT INTO events (job_seq, at, type, from_status, to_status, actor) "
    "SELECT ?1, max(?2, (SELECT max(at) FROM events WHERE job_seq = ?1)), ?3, ?4, ?4, ?5";

void refuse_active_key(Connection& connection, const JobState& state) {
    if (!state.key) return;
    Query query{connection, kActiveWithKey};
    if (!query.bind(state.owner, state.key).step()) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "the key \"{}\" of job {} is active on job {}", *state.key, state.seq,
            query.integer(0)),
        "wait for that job to end");
}

/// An imported job is to run here after all.
void let_run(Connection& connection, const JobState& state, const std::string& actor, Time now) {
    const int open = recheck_dependencies(connection, state);
    const Time at = state.not_before(now);
    Query{connection, kLetRun}.bind(state.seq, open, at).run();
    Query{connection, kNoteEvent}.bind(state.seq, at, "unhold", state.status, actor).run();
}

}  // namespace

CancelResult request_cancel(
    Connection& connection, const JobId& id, const CancelRequest& request, Time now) {
    JobState state = require_state(connection, id);
    if (is_terminal(state.status)) return CancelResult::already_terminal;
    if (state.status == Status::queued) {
        state.cancel_text = request.text;
        end_job(connection, state, cancelled_on_request(state), {Verb::cancel, request.actor, now});
        return CancelResult::cancelled;
    }
    if (state.cancel_requested_at) return CancelResult::already_requested;
    Query{connection, kRequestCancel}
        .bind(state.seq, request.actor, state.not_before(now), request.grace, request.text)
        .run();
    return CancelResult::requested;
}

void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now) {
    const JobState state = require_state(connection, id);
    if (state.status == Status::queued && state.held) return let_run(connection, state, actor, now);
    if (!is_terminal(state.status)) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} is {}: only a job that has ended can be retried", state.seq,
                to_string(state.status)),
            "cancel it first, or wait for it");
    }
    refuse_active_key(connection, state);
    const int open = recheck_dependencies(connection, state);
    Query{connection, kRetry}.bind(state.seq, actor, state.not_before(now), open).run();
}

void edit_job(
    Connection& connection,
    const JobId& id,
    const JobEdit& edit,
    const std::string& actor,
    Time now) {
    const JobState state = require_state(connection, id);
    require_queued(
        state, "edited",
        is_terminal(state.status) ? "retry it, or submit it anew with --like"
                                  : "cancel it, or wait for its end");
    const auto run_after = edit.run_after ? edit.run_after : state.run_after;
    Query{connection, kEdit}
        .bind(state.seq, actor, state.not_before(now), edit.priority.value_or(state.priority))
        .bind(edit.queue.value_or(state.queue), run_after)
        .run();
}

void note_event(
    Connection& connection,
    const JobId& id,
    const std::string& type,
    const std::string& actor,
    Time now) {
    const JobState state = require_state(connection, id);
    Query{connection, kNoteEvent}
        .bind(state.seq, state.not_before(now), type, state.status, actor)
        .run();
}

}  // namespace atlasjob::sqlite
