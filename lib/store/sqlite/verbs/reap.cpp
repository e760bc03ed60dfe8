#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRunning = R"sql(
    SELECT j.job_id, j.attempt, j.fence, j.seq, j.lease_until, j.queue,
           j.suspect_at, j.suspect_clock, j.suspect_uptime_ms,
           a.elsewhere,
           a.host, a.machine_id, a.boot_id, a.pid_namespace, a.time_namespace,
           a.supervisor_pid, a.supervisor_start,
           a.pid, a.process_start
    FROM jobs j
    JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
    WHERE j.status = 'running'
    ORDER BY j.seq
)sql";
constexpr const char* kMarkSuspect = R"sql(
    UPDATE jobs
    SET suspect_at = :now,
        suspect_clock = nullif(:clock, ''),
        suspect_uptime_ms = iif(:clock = '', NULL, :uptime)
    WHERE job_id = :job_id
      AND status = 'running'
      AND attempt = coalesce(:attempt, attempt)
      AND fence = coalesce(:fence, fence)
      AND lease_until <= :now
      AND suspect_at IS NULL
)sql";

// A supervisor runs one attempt after the other: if it has renewed a later lease of another
// attempt, it is running that one.
constexpr const char* kSupervisorIsElsewhere = R"sql(
    SELECT 1
    FROM attempts lost
    JOIN jobs j ON j.status = 'running'
               AND j.seq <> lost.job_seq
    JOIN attempts a ON a.job_seq = j.seq
                   AND a.n = j.attempt
                   AND a.elsewhere = 0
                   AND a.machine_id = lost.machine_id
                   AND a.boot_id = lost.boot_id
                   AND a.pid_namespace = lost.pid_namespace
                   AND a.time_namespace = lost.time_namespace
                   AND a.supervisor_pid = lost.supervisor_pid
                   AND a.supervisor_start = lost.supervisor_start
    WHERE lost.job_seq = :job_seq
      AND lost.n = :n
      AND j.lease_until > :lease_until
)sql";

RunningAttempt read_running(const Query& query) {
    const JobId id = read_id(query.text("job_id"));
    const int n = query.integer<int>("attempt");
    const AttemptKey key{id, n, query.integer("fence")};
    const std::int64_t seq = query.integer("seq");
    const auto lease_until = query.optional_time("lease_until");
    RunningAttempt attempt{key, seq, {}, {}, lease_until, {}};
    attempt.queue = query.text("queue");
    attempt.suspect = read_suspect(query);
    attempt.elsewhere = query.flag("elsewhere");
    if (!attempt.elsewhere) attempt.supervisor = read_identity(query);
    const auto pid = query.optional_integer("pid");
    if (attempt.supervisor && pid && *pid != attempt.supervisor->pid) {
        // A command runs on its supervisor's host; its pid and start are those that it has in the
        // supervisor's namespaces.
        attempt.process = attempt.supervisor;
        attempt.process->pid = *pid;
        attempt.process->start_ticks = query.integer<std::uint64_t>("process_start");
    }
    return attempt;
}

bool still_silent(const JobState& state, const ClockReading& now) {
    return judge_lease(state.lease_until, state.suspect, Liveness::unknown, now)
           == LeaseVerdict::reap_silent;
}

/// Whether the attempt's supervisor is running another attempt, and so does not know of this one.
bool is_unknown_to_supervisor(Connection& connection, const JobState& state) {
    Query query{connection, kSupervisorIsElsewhere};
    return query.bind("job_seq", state.seq)
        .bind("n", state.attempt)
        .bind("lease_until", state.lease_until)
        .step();
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

bool mark_suspect(Connection& connection, const AttemptKey& key, const ClockReading& now) {
    Query query{connection, kMarkSuspect};
    query.bind("now", now.time)
        .bind("clock", now.clock)
        .bind("uptime", now.uptime)
        .bind("job_id", key.job_id)
        .bind("attempt", key.attempt)
        .bind("fence", key.fence);
    return query.run() > 0;
}

std::optional<Finished> reap_attempt(
    Connection& connection,
    const AttemptKey& key,
    ReapGround ground,
    const std::string& actor,
    const ClockReading& now) {
    const auto state = load_state(connection, key.job_id);
    if (!state || !state->is_held_by(key)) return {};
    if (ground == ReapGround::silent && !still_silent(*state, now)) return {};
    const Change change{Verb::reap, actor, now.time};
    if (may_be_undone(connection, *state) && !state->cancel_requested_at) {
        undo_attempt(connection, *state, change);
        return Finished{Status::queued, {}};
    }
    const Outcome outcome = lost_outcome(*state, ground);
    close_attempt(connection, *state, "lost", outcome, state->not_before(now.time));
    if (outcome.status == Status::error && state->attempt < state->max_attempts) {
        return requeue_job(connection, *state, outcome.reason, backoff_of(*state), change);
    }
    end_job(connection, *state, outcome, change);
    return Finished{outcome.status, {}};
}

}  // namespace atlasjob::sqlite
