#include "base/error.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

/// Throws refused unless the job may be started by its executor. run_after is ignored: it is for
/// workers, and an executor may start earlier.
void require_startable(const JobState& state) {
    require_queued(
        state, "started",
        is_terminal(state.status) ? "retry it first"
                                  : "it is already started: report or finish it");
    if (state.has_command) {
        throw Error(
            ErrorCode::refused,
            fmt::format("job {} has a command, so only a worker can start it", state.seq),
            "use atlasjob create for jobs that you execute yourself");
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

}  // namespace atlasjob::sqlite
