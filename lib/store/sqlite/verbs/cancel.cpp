#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRequestCancel = R"sql(
    UPDATE jobs
    SET status = 'running',
        verb = 'request_cancel',
        actor = :actor,
        reason = 'user',
        updated_at = :now,
        cancel_requested_at = :now,
        cancel_grace_ms = coalesce(:grace, iif(
            EXISTS (
                SELECT 1 FROM job_specs s WHERE s.job_seq = jobs.seq AND s.grace_ms IS NOT NULL
            ),
            NULL,
            :default_grace
        )),
        cancel_text = :text,
        rev = rev + 1
    WHERE seq = :seq
)sql";

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
        .bind("actor", request.actor)
        .bind("now", state.not_before(now))
        .bind("grace", request.grace)
        .bind("default_grace", request.default_grace)
        .bind("text", request.text)
        .bind("seq", state.seq)
        .run();
    return CancelResult::requested;
}

}  // namespace atlasjob::sqlite
