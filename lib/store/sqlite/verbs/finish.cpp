#include "store/sqlite/verbs/finish.h"

#include "base/error.h"
#include "store/sqlite/verbs/dependencies.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kEnd = R"sql(
    UPDATE jobs
    SET status = :status,
        reason = :reason,
        verb = :verb,
        actor = :actor,
        updated_at = :now,
        ended_at = :now,
        expires_at = :expires_at,
        result = :result,
        error = :error,
        error_code = :error_code,
        exit_code = :exit_code,
        signal = :signal,
        log_bytes = CASE :log_bytes WHEN 0 THEN log_bytes ELSE :log_bytes END,
        progress = CASE :status WHEN 'done' THEN 1.0 ELSE progress END,
        lease_until = NULL,
        suspect_at = NULL,
        ready = 0,
        on_end_pending = has_on_end,
        rev = rev + 1
    WHERE seq = :seq
)sql";
constexpr const char* kRequeue = R"sql(
    UPDATE jobs
    SET status = 'queued',
        reason = :reason,
        verb = :verb,
        actor = :actor,
        updated_at = :now,
        run_after = :run_after,
        ready = (has_command AND :run_after <= :now),
        lease_until = NULL,
        suspect_at = NULL,
        rev = rev + 1
    WHERE seq = :seq
)sql";

/// Recognizes a repeated finish by its attempt, not by the job's last verb, which an edit replaces.
bool was_finished_by(const JobState& state, const AttemptKey& key) {
    return key.fence && key.fence == state.finished_fence;
}

Finished recorded_finish(const JobState& state) {
    if (state.status == Status::queued) return {Status::queued, state.run_after};
    return {state.status, {}};
}

void refuse_supervised(const JobState& state) {
    throw Error(
        ErrorCode::refused,
        fmt::format("job {} is run by atlasjob and ends with its command", state.seq),
        fmt::format(
            "set its result with atlasjob report {0} --result JSON, or stop it with atlasjob "
            "cancel {0}",
            state.seq));
}

/// Whether `key` names the attempt that is running now. Throws refused if the caller passes no
/// fence but a supervisor runs the attempt.
bool may_end(const JobState& state, const AttemptKey& key) {
    if (!state.is_held_by(key)) return false;
    if (state.supervised && !key.fence) refuse_supervised(state);
    return true;
}

bool gets_another_attempt(const JobState& state, const Outcome& outcome) {
    return outcome.status == Status::error && state.attempt < state.max_attempts
           && !state.cancel_requested_at;
}

/// The outcome with the reported result, and with an error message unless it is done.
Outcome completed(const JobState& state, Outcome outcome) {
    if (outcome.status == Status::done && !outcome.result) outcome.result = state.reported_result;
    if (outcome.status == Status::error && !outcome.error) outcome.error = "the job ended in error";
    if (outcome.status == Status::cancelled && !outcome.error)
        outcome.error = cancelled_on_request(state).error;
    return outcome;
}

/// A number in [0, 1) that is pseudo-random across jobs and stable for one attempt (FNV-1a, 64
/// bit).
double jitter_of(const JobState& state) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : state.job_id.view())
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ static_cast<std::uint64_t>(state.attempt)) * 0x100000001b3U;
    return static_cast<double>(hash >> 11U) * 0x1.0p-53;
}

/// Ends the running attempt.
Finished end_attempt(
    Connection& connection,
    const JobState& state,
    const Outcome& given,
    const std::string& actor,
    Time now) {
    const Outcome outcome = completed(state, given);
    const Time ended_at = now - outcome.ago;
    close_attempt(
        connection, state, to_string(outcome.status), outcome, state.not_before(ended_at));
    if (gets_another_attempt(state, outcome)) {
        return requeue_job(
            connection, state, outcome.reason, backoff_of(state), {Verb::requeue, actor, ended_at});
    }
    end_job(connection, state, outcome, {Verb::finish, actor, ended_at});
    return {outcome.status, {}};
}

}  // namespace

std::optional<Finished> finish_attempt(
    Connection& connection,
    const AttemptKey& key,
    const Outcome& outcome,
    const std::string& actor,
    Time now) {
    const auto state = load_state(connection, key.job_id);
    if (!state) return {};
    if (was_finished_by(*state, key)) return recorded_finish(*state);
    if (!may_end(*state, key)) return {};
    return end_attempt(connection, *state, outcome, actor, now);
}

FinishedAndClaimed finish_and_claim(
    Connection& connection,
    const AttemptKey& key,
    const Outcome& outcome,
    const ClaimRequest& request,
    Time now) {
    const auto state = load_state(connection, key.job_id);
    if (!state || !may_end(*state, key))
        return {finish_attempt(connection, key, outcome, request.actor, now), {}};
    const Finished finished = end_attempt(connection, *state, outcome, request.actor, now);
    return {finished, claim_job(connection, request, now)};
}

void end_job(
    Connection& connection, const JobState& state, const Outcome& outcome, const Change& change) {
    const Time now = state.not_before(change.now);
    const Time expires_at = now + state.retention.value_or(default_retention(outcome.status));
    Query{connection, kEnd}
        .bind("status", outcome.status)
        .bind("reason", outcome.reason)
        .bind("verb", change.verb)
        .bind("actor", change.actor)
        .bind("now", now)
        .bind("expires_at", expires_at)
        .bind("result", outcome.result)
        .bind("error", outcome.error)
        .bind("error_code", outcome.error_code)
        .bind("exit_code", outcome.exit_code)
        .bind("signal", outcome.signal)
        .bind("log_bytes", outcome.log_bytes)
        .bind("seq", state.seq)
        .run();
    resolve_dependents(connection, state.job_id, outcome.status, now);
}

Finished requeue_job(
    Connection& connection,
    const JobState& state,
    std::optional<Reason> reason,
    milliseconds delay,
    const Change& change) {
    const Time now = state.not_before(change.now);
    const Time run_after = now + delay;
    Query{connection, kRequeue}
        .bind("reason", reason)
        .bind("verb", change.verb)
        .bind("actor", change.actor)
        .bind("now", now)
        .bind("run_after", run_after)
        .bind("seq", state.seq)
        .run();
    return {Status::queued, run_after};
}

Outcome cancelled_on_request(const JobState& state) {
    Outcome outcome;
    outcome.status = Status::cancelled;
    outcome.reason = Reason::user;
    outcome.error =
        state.cancel_text ? "Cancelled by user: " + *state.cancel_text : "Cancelled by user";
    return outcome;
}

milliseconds backoff_of(const JobState& state) {
    return backoff_delay(state.backoff, state.attempt + 1, jitter_of(state));
}

}  // namespace atlasjob::sqlite
