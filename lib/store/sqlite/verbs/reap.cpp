#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRunning =
    "SELECT j.job_id, j.attempt, j.fence, j.seq, j.lease_until, j.suspect_at, a.host, a.boot_id, "
    "a.pid_namespace, a.supervisor_pid, a.supervisor_start, a.pid, a.process_start, a.elsewhere, "
    "j.queue "
    "FROM jobs j JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
    "WHERE j.status = 'running' ORDER BY j.seq";
constexpr const char* kMarkSuspect =
    "UPDATE jobs SET suspect_at = ?4 WHERE job_id = ?1 AND status = 'running' "
    "AND attempt = coalesce(?2, attempt) AND fence = coalesce(?3, fence) "
    "AND lease_until <= ?4 AND suspect_at IS NULL";

// A supervisor runs one attempt after the other: if it has renewed a later lease of another
// attempt, it is running that one.
constexpr const char* kSupervisorIsElsewhere = R"sql(
    SELECT 1
      FROM attempts AS lost
      JOIN jobs AS j ON j.status = 'running' AND j.seq <> lost.job_seq
      JOIN attempts AS a ON a.job_seq = j.seq AND a.n = j.attempt AND a.elsewhere = 0
       AND a.boot_id = lost.boot_id AND a.pid_namespace = lost.pid_namespace
       AND a.supervisor_pid = lost.supervisor_pid AND a.supervisor_start = lost.supervisor_start
     WHERE lost.job_seq = ?1 AND lost.n = ?2 AND j.lease_until > ?3)sql";

RunningAttempt read_running(const Query& query) {
    RunningAttempt attempt{
        AttemptKey{JobId::parse(query.text(0)).value(), query.integer<int>(1), query.integer(2)},
        query.integer(3),
        {},
        {},
        query.optional_time(4),
        query.optional_time(5),
        std::string{query.text(14)},
        query.integer(13) == 1};
    if (!attempt.elsewhere) attempt.supervisor = read_identity(query, 6);
    const bool noted = !query.is_null(11) && query.integer(11) != query.integer(9);
    if (attempt.supervisor && noted) {
        // A command runs on its supervisor's host and in its pid namespace.
        attempt.process = attempt.supervisor;
        attempt.process->pid = query.integer(11);
        attempt.process->start_ticks = query.integer<std::uint64_t>(12);
    }
    return attempt;
}

bool still_silent(const JobState& state, Time now) {
    return judge_lease(state.lease_until, state.suspect_at, Liveness::unknown, now)
           == LeaseVerdict::reap_silent;
}

/// Whether the attempt's supervisor is running another attempt, and so does not know of this one.
bool is_unknown_to_supervisor(Connection& connection, const JobState& state) {
    Query query{connection, kSupervisorIsElsewhere};
    return query.bind(state.seq, state.attempt, state.lease_until).step();
}

/// Whether a claimed job, whose command was never spawned, can be queued as it was. A job that was
/// created running (`run`) cannot: the process that wanted it in the foreground is gone.
bool may_be_undone(Connection& connection, const JobState& state) {
    const bool claimed = state.has_command && state.verb == to_string(Verb::claim);
    if (!claimed || state.spawned) return false;
    return !state.announced || is_unknown_to_supervisor(connection, state);
}

Outcome lost_outcome(const JobState& state, ReapGround ground) {
    if (state.cancel_requested_at) return cancelled_on_request(state);
    Outcome outcome;
    outcome.status = Status::error;
    outcome.reason = Reason::worker_lost;
    outcome.error_code = "worker_lost";
    outcome.error = ground == ReapGround::executor_gone ? "the process that ran it is gone"
                                                        : "the process that ran it fell silent";
    return outcome;
}

}  // namespace

std::vector<RunningAttempt> running_attempts(Connection& connection) {
    std::vector<RunningAttempt> attempts;
    Query query{connection, kRunning};
    while (query.step())
        attempts.push_back(read_running(query));
    return attempts;
}

bool mark_suspect(Connection& connection, const AttemptKey& key, Time now) {
    return Query{connection, kMarkSuspect}.bind(key.job_id, key.attempt, key.fence, now).run() > 0;
}

std::optional<Finished> reap_attempt(
    Connection& connection,
    const AttemptKey& key,
    ReapGround ground,
    const std::string& actor,
    Time now) {
    const auto state = load_state(connection, key.job_id);
    if (!state || !state->is_held_by(key)) return {};
    if (ground == ReapGround::silent && !still_silent(*state, now)) return {};
    const Change change{Verb::reap, actor, now};
    if (may_be_undone(connection, *state) && !state->cancel_requested_at) {
        undo_attempt(connection, *state, change);
        return Finished{Status::queued, {}};
    }
    const Outcome outcome = lost_outcome(*state, ground);
    close_attempt(connection, *state, "lost", outcome, state->not_before(now));
    if (outcome.status == Status::error && state->attempt < state->max_attempts) {
        return requeue_job(connection, *state, outcome.reason, backoff_of(*state), change);
    }
    end_job(connection, *state, outcome, change);
    return Finished{outcome.status, {}};
}

}  // namespace atlasjob::sqlite
