#include "store/sqlite/verbs/finish.h"
#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

bool release_attempt(
    Connection& connection, const AttemptKey& key, const std::string& actor, Time now) {
    const auto state = load_state(connection, key.job_id);
    if (!state || !state->is_held_by(key) || !state->has_command || state->spawned) return false;
    if (state->cancel_requested_at) {
        // The job would be cancelled after the next claim anyway, so cancel it now.
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
