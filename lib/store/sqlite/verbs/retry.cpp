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
        fmt::format(
            "wait for that job to end, then retry: `atlasjob wait {}; atlasjob retry {}`",
            active->seq, state.seq));
}

/// How to get an active job to run again.
std::string hint_for_active(const JobState& state, Time now) {
    if (state.status == Status::running) {
        return fmt::format(
            "stop it first: `atlasjob cancel --wait {0}; atlasjob retry {0}`", state.seq);
    }
    if (state.run_after && *state.run_after > now)
        return fmt::format("to start it now, run `atlasjob edit {} --in 0s`", state.seq);
    return fmt::format(
        "it will run by itself; see what it waits for: `atlasjob status {}`", state.seq);
}

/// Lets an imported job run here.
void release_hold(
    Connection& connection, const JobState& state, const std::string& actor, Time now) {
    const int open = recheck_dependencies(connection, state);
    const Time at = state.not_before(now);
    Query{connection, kReleaseHold}.bind("open", open).bind("now", at).bind("seq", state.seq).run();
    note_event(connection, state, {"unhold", actor}, at);
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
            hint_for_active(state, now));
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
