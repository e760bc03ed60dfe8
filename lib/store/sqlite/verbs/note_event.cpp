#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

// Not before the latest event of the job.
constexpr const char* kNoteEvent =
    "INSERT INTO events (job_seq, at, type, from_status, to_status, actor) "
    "SELECT ?1, max(?2, (SELECT max(at) FROM events WHERE job_seq = ?1)), ?3, ?4, ?4, ?5";

}  // namespace

void note_event(
    Connection& connection,
    const JobState& state,
    const std::string& type,
    const std::string& actor,
    Time at) {
    Query{connection, kNoteEvent}.bind(state.seq, at, type, state.status, actor).run();
}

void note_event(
    Connection& connection,
    const JobId& id,
    const std::string& type,
    const std::string& actor,
    Time now) {
    const JobState state = require_state(connection, id);
    note_event(connection, state, type, actor, state.not_before(now));
}

}  // namespace atlasjob::sqlite
