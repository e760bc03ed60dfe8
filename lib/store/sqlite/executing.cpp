#include "store/sqlite/executing.h"

#include "base/error.h"
#include "store/sqlite/finishing.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kNoteProcess =
    "UPDATE attempts SET pid = ?3, process_start = ?4 WHERE job_seq = ?1 AND n = ?2";
constexpr const char* kRenew =
    "UPDATE jobs SET lease_until = ?4 + lease_ms, suspect_at = NULL, log_bytes = ?5 "
    "WHERE job_id = ?1 AND status = 'running' AND attempt = coalesce(?2, attempt) "
    "AND fence = coalesce(?3, fence) RETURNING cancel_requested_at, cancel_grace_ms";
constexpr const char* kReport =
    "UPDATE jobs SET progress = coalesce(?4, progress), phase = coalesce(?5, phase), "
    "message = coalesce(?6, message), current = coalesce(?7, current), total = coalesce(?8, "
    "total), "
    "updated_at = max(updated_at, ?9), lease_until = ?9 + lease_ms, suspect_at = NULL, rev = rev + "
    "1 "
    "WHERE job_id = ?1 AND status = 'running' AND attempt = coalesce(?2, attempt) "
    "AND fence = coalesce(?3, fence) RETURNING cancel_requested_at, cancel_grace_ms";
constexpr const char* kReportResult =
    "UPDATE attempts SET result = ?2 "
    "WHERE (job_seq, n) = (SELECT seq, attempt FROM jobs WHERE job_id = ?1)";

std::optional<Beat> read_beat(Query& query) {
    if (!query.step()) return {};
    const Beat beat{query.optional_time(0), query.optional_duration(1)};
    query.run();
    return beat;
}

/// Throws refused when the job is not one that its executor may start. Its time is no hindrance: a
/// worker waits for it, an executor that begins earlier knows what it does.
void require_startable(const JobState& state) {
    require_queued(
        state, "started",
        is_terminal(state.status) ? "retry it first" : "it has been started: report or finish it");
    if (state.has_command) {
        throw Error(
            ErrorCode::refused, fmt::format("job {} has a command: a worker starts it", state.seq),
            "make jobs that you execute yourself with atlasjob create");
    }
    if (state.open_dependencies > 0) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} waits for {} other job{}", state.seq, state.open_dependencies,
                state.open_dependencies == 1 ? "" : "s"),
            "start it once they are done");
    }
}

}  // namespace

AttemptKey start_job(Connection& connection, const JobId& id, const std::string& actor, Time now) {
    const JobState state = require_state(connection, id);
    require_startable(state);
    return open_attempt(connection, state.seq, {{}, state.lease}, {Verb::start, actor, now}).key;
}

bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process) {
    const auto state = load_state(connection, key.job_id);
    // Where no supervisor is known, nobody can have started a command.
    if (!state || !state->is_held_by(key) || !state->supervised) return false;
    Query{connection, kNoteProcess}
        .bind(state->seq, state->attempt, process.pid, process.start_ticks)
        .run();
    return true;
}

std::optional<Beat> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now) {
    Query query{connection, kRenew};
    query.bind(key.job_id, key.attempt, key.fence, now, log_bytes);
    return read_beat(query);
}

std::optional<Beat> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now) {
    Query query{connection, kReport};
    query.bind(key.job_id, key.attempt, key.fence, report.progress, report.phase)
        .bind(report.message, report.current, report.total, now);
    const auto beat = read_beat(query);
    if (beat && report.result)
        Query{connection, kReportResult}.bind(key.job_id, report.result).run();
    return beat;
}

bool release_attempt(
    Connection& connection, const AttemptKey& key, const std::string& actor, Time now) {
    const auto state = load_state(connection, key.job_id);
    if (!state || !state->is_held_by(key) || !state->has_command || state->spawned) return false;
    if (state->cancel_requested_at) {
        // Handed back, it would only be cancelled again.
        const Outcome outcome = cancelled_on_request(*state);
        close_attempt(
            connection, *state, to_string(outcome.status), outcome, state->not_before(now));
        end_job(connection, *state, outcome, {Verb::finish, actor, now});
        return true;
    }
    undo_attempt(connection, *state, {Verb::release, actor, now});
    return true;
}

}  // namespace atlasjob::sqlite
