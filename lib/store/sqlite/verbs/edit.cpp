#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kEdit =
    "UPDATE jobs SET status = 'queued', verb = 'edit', actor = ?2, updated_at = ?3, priority = ?4, "
    "queue = ?5, run_after = ?6, ready = (has_command AND held = 0 AND open_dependencies = 0 AND "
    "coalesce(?6, 0) <= ?3), rev = rev + 1 WHERE seq = ?1";

}  // namespace

void edit_job(
    Connection& connection,
    const JobId& id,
    const JobEdit& edit,
    const std::string& actor,
    Time now) {
    const JobState state = require_state(connection, id);
    require_queued(
        state, "edited",
        is_terminal(state.status) ? "retry it, or submit a copy with --like"
                                  : "cancel it, or wait until it ends");
    const auto run_after = edit.run_after ? edit.run_after : state.run_after;
    Query{connection, kEdit}
        .bind(state.seq, actor, state.not_before(now), edit.priority.value_or(state.priority))
        .bind(edit.queue.value_or(state.queue), run_after)
        .run();
}

}  // namespace atlasjob::sqlite
