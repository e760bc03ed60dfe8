#include "base/error.h"
#include "store/sqlite/verbs/attempts.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

[[noreturn]] void refuse_command(const JobState& state, Time now) {
    const bool waits = state.status == Status::queued && state.run_after && *state.run_after > now;
    throw Error(
        ErrorCode::refused,
        fmt::format(
            "job {} is {} and has a command, so only a worker can start it", state.seq,
            to_string(state.status)),
        is_terminal(state.status) ? fmt::format("run it again: `atlasjob retry {}`", state.seq)
        : waits ? fmt::format("to start it now, run `atlasjob edit {} --in 0s`", state.seq)
                : fmt::format("see what it waits for: `atlasjob status {}`", state.seq));
}

/// Throws refused unless the job may be started by its executor. run_after is ignored: it is for
/// workers, and an executor may start earlier.
void require_startable(const JobState& state, Time now) {
    if (state.has_command) refuse_command(state, now);
    require_queued(
        state, "started",
        is_terminal(state.status)
            ? fmt::format("retry it first: `atlasjob retry {0}; atlasjob start {0}`", state.seq)
            : fmt::format(
                "it is already started: use `atlasjob report {0}` or `atlasjob finish {0}`",
                state.seq));
    if (state.open_dependencies > 0) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} waits for {} other job{}", state.seq, state.open_dependencies,
                state.open_dependencies == 1 ? "" : "s"),
            fmt::format("start it once they have ended; see `atlasjob status {}`", state.seq));
    }
}

}  // namespace

AttemptKey start_job(Connection& connection, const JobId& id, const std::string& actor, Time now) {
    const JobState state = require_state(connection, id);
    require_startable(state, now);
    return open_attempt(connection, state.seq, {{}, state.lease}, {Verb::start, actor, now}).key;
}

}  // namespace atlasjob::sqlite
