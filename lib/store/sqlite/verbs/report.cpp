#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

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

std::optional<HeartbeatReply> read_reply(Query& query) {
    if (!query.step()) return {};
    const HeartbeatReply reply{query.optional_time(0), query.optional_duration(1)};
    query.run();
    return reply;
}

}  // namespace

bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process) {
    const auto state = load_state(connection, key.job_id);
    // Without a supervisor, nothing can have started a command.
    if (!state || !state->is_held_by(key) || !state->supervised) return false;
    Query{connection, kNoteProcess}
        .bind(state->seq, state->attempt, process.pid, process.start_ticks)
        .run();
    return true;
}

std::optional<HeartbeatReply> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now) {
    Query query{connection, kRenew};
    query.bind(key.job_id, key.attempt, key.fence, now, log_bytes);
    return read_reply(query);
}

std::optional<HeartbeatReply> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now) {
    Query query{connection, kReport};
    query.bind(key.job_id, key.attempt, key.fence, report.progress, report.phase)
        .bind(report.message, report.current, report.total, now);
    const auto reply = read_reply(query);
    if (reply && report.result)
        Query{connection, kReportResult}.bind(key.job_id, report.result).run();
    return reply;
}

}  // namespace atlasjob::sqlite
