#include "store/sqlite/verbs/verbs.h"

namespace atlasjob::sqlite {

namespace {

constexpr const char* kAddType = R"sql(
    INSERT INTO event_types (type)
    VALUES (:type)
    ON CONFLICT DO NOTHING
)sql";
// Not before the latest event of the job.
constexpr const char* kNoteEvent = R"sql(
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor)
    SELECT :job_seq,
           max(:at, (SELECT max(at) FROM events WHERE job_seq = :job_seq)),
           :type,
           :status,
           :status,
           :actor
)sql";

}  // namespace

void note_event(
    Connection& connection,
    const JobState& state,
    const std::string& type,
    const std::string& actor,
    Time at) {
    Query{connection, kAddType}.bind("type", type).run();
    Query{connection, kNoteEvent}
        .bind("job_seq", state.seq)
        .bind("at", at)
        .bind("type", type)
        .bind("status", state.status)
        .bind("actor", actor)
        .run();
}

void note_event(Connection& connection, const JobId& id, const Note& note, Time now) {
    const JobState state = require_state(connection, id);
    note_event(connection, state, note.type, note.actor, state.not_before(now - note.ago));
}

}  // namespace atlasjob::sqlite
