#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kNoteProcess = R"sql(
    UPDATE attempts
    SET pid = :pid,
        process_start = :process_start
    WHERE job_seq = :job_seq
      AND n = :n
)sql";
constexpr const char* kRenew = R"sql(
    UPDATE jobs
    SET lease_until = :now + lease_ms,
        suspect_at = NULL,
        log_bytes = :log_bytes
    WHERE job_id = :job_id
      AND status = 'running'
      AND attempt = coalesce(:attempt, attempt)
      AND fence = coalesce(:fence, fence)
    RETURNING cancel_requested_at, cancel_grace_ms
)sql";
constexpr const char* kReport = R"sql(
    UPDATE jobs
    SET progress = coalesce(:progress, progress),
        phase = coalesce(:phase, phase),
        message = coalesce(:message, message),
        current = coalesce(:current, current),
        total = coalesce(:total, total),
        updated_at = max(updated_at, :now),
        lease_until = :now + lease_ms,
        suspect_at = NULL,
        rev = rev + 1
    WHERE job_id = :job_id
      AND status = 'running'
      AND attempt = coalesce(:attempt, attempt)
      AND fence = coalesce(:fence, fence)
    RETURNING cancel_requested_at, cancel_grace_ms
)sql";
constexpr const char* kReportResult = R"sql(
    UPDATE attempts
    SET result = :result
    WHERE (job_seq, n) = (SELECT seq, attempt FROM jobs WHERE job_id = :job_id)
)sql";

void bind_key(Query& query, const AttemptKey& key) {
    query.bind("job_id", key.job_id).bind("attempt", key.attempt).bind("fence", key.fence);
}

std::optional<HeartbeatReply> read_reply(Query& query) {
    if (!query.step()) return {};
    const HeartbeatReply reply{
        query.optional_time("cancel_requested_at"), query.optional_duration("cancel_grace_ms")};
    query.run();
    return reply;
}

}  // namespace

bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process) {
    const auto state = load_state(connection, key.job_id);
    // Without a supervisor, nothing can have started a command.
    if (!state || !state->is_held_by(key) || !state->supervised) return false;
    Query{connection, kNoteProcess}
        .bind("pid", process.pid)
        .bind("process_start", process.start_ticks)
        .bind("job_seq", state->seq)
        .bind("n", state->attempt)
        .run();
    return true;
}

std::optional<HeartbeatReply> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now) {
    Query query{connection, kRenew};
    query.bind("now", now).bind("log_bytes", log_bytes);
    bind_key(query, key);
    return read_reply(query);
}

std::optional<HeartbeatReply> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now) {
    Query query{connection, kReport};
    query.bind("progress", report.progress)
        .bind("phase", report.phase)
        .bind("message", report.message)
        .bind("current", report.current)
        .bind("total", report.total)
        .bind("now", now);
    bind_key(query, key);
    const auto reply = read_reply(query);
    if (reply && report.result) {
        Query{connection, kReportResult}
            .bind("result", report.result)
            .bind("job_id", key.job_id)
            .run();
    }
    return reply;
}

}  // namespace atlasjob::sqlite
