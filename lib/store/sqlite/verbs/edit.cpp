#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kEdit = R"sql(
    UPDATE jobs
    SET status = 'queued',
        verb = 'edit',
        actor = :actor,
        updated_at = :now,
        priority = :priority,
        queue = :queue,
        run_after = :run_after,
        ready = (
            has_command AND held = 0 AND open_dependencies = 0 AND coalesce(:run_after, 0) <= :now
        ),
        rev = rev + 1
    WHERE seq = :seq
)sql";

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
        is_terminal(state.status)
            ? fmt::format(
                "submit a copy with the changes: `atlasjob submit --like {}`, or queue it again "
                "first: `atlasjob retry {}`",
                state.seq, state.seq)
            : fmt::format(
                "it has started: stop it with `atlasjob cancel {}`, and submit a copy with the "
                "changes: `atlasjob submit --like {}`",
                state.seq, state.seq));
    Query{connection, kEdit}
        .bind("actor", actor)
        .bind("now", state.not_before(now))
        .bind("priority", edit.priority.value_or(state.priority))
        .bind("queue", edit.queue.value_or(state.queue))
        .bind("run_after", edit.run_after ? edit.run_after : state.run_after)
        .bind("seq", state.seq)
        .run();
}

}  // namespace atlasjob::sqlite
