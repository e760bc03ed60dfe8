#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kRequestCancel =
    "UPDATE jobs SET status = 'running', verb = 'request_cancel', actor = ?2, reason = 'user', "
    "updated_at = ?3, cancel_requested_at = ?3, cancel_grace_ms = ?4, cancel_text = ?5, rev = rev "
    "+ 1 "
    "WHERE seq = ?1";

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

}  // namespace atlasjob::sqlite
