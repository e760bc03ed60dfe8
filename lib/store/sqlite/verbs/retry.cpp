#include "base/error.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/dependencies.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRetry = R"sql(
    UPDATE jobs
    SET status = 'queued',
        reason = NULL,
        verb = 'retry',
        actor = :actor,
        updated_at = :now,
        run_after = NULL,
        started_at = NULL,
        ended_at = NULL,
        expires_at = NULL,
        result = NULL,
        error = NULL,
        error_code = NULL,
        exit_code = NULL,
        signal = NULL,
        progress = NULL,
        phase = NULL,
        message = NULL,
        current = NULL,
        total = NULL,
        cancel_requested_at = NULL,
        cancel_grace_ms = NULL,
        cancel_text = NULL,
        max_attempts = max(max_attempts, attempt + 1),
        open_dependencies = :open,
        ready = (has_command AND :open = 0),
        held = 0,
        on_end_pending = 0,
        rev = rev + 1
    WHERE seq = :seq
)sql";
// Not a transition: the job stays queued, and its history gets a note.
constexpr const char* kReleaseHold = R"sql(
    UPDATE jobs
    SET held = 0,
        open_dependencies = :open,
        ready = (:open = 0 AND coalesce(run_after, 0) <= :now),
        updated_at = :now,
        rev = rev + 1
    WHERE seq = :seq
)sql";

void refuse_active_key(Connection& connection, const JobState& state) {
    if (!state.key) return;
    const auto active = active_with_key(connection, state.owner, state.key);
    if (!active) return;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "the key \"{}\" of job {} is active on job {}", *state.key, state.seq, active->seq),
        "wait for that job to end");
}

/// Lets an imported job run here.
void release_hold(
    Connection& connection, const JobState& state, const std::string& actor, Time now) {
    const int open = recheck_dependencies(connection, state);
    const Time at = state.not_before(now);
    Query{connection, kReleaseHold}.bind("open", open).bind("now", at).bind("seq", state.seq).run();
    note_event(connection, state, "unhold", actor, at);
}

}  // namespace

void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now) {
    const JobState state = require_state(connection, id);
    if (state.status == Status::queued && state.held)
        return release_hold(connection, state, actor, now);
    if (!is_terminal(state.status)) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} is {}: only a job that has ended can be retried", state.seq,
                to_string(state.status)),
            "cancel it first, or wait until it ends");
    }
    refuse_active_key(connection, state);
    const int open = recheck_dependencies(connection, state);
    Query{connection, kRetry}
        .bind("actor", actor)
        .bind("now", state.not_before(now))
        .bind("open", open)
        .bind("seq", state.seq)
        .run();
}

}  // namespace atlasjob::sqlite
