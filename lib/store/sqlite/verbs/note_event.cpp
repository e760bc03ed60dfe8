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
    INSERT INTO events (job_seq, at, type, from_status, to_status, actor, detail)
    SELECT :job_seq,
           max(:at, (SELECT max(at) FROM events WHERE job_seq = :job_seq)),
           :type,
           :status,
           :status,
           :actor,
           :detail
)sql";

}  // namespace

void note_event(Connection& connection, const JobState& state, const Note& note, Time at) {
    Query{connection, kAddType}.bind("type", note.type).run();
    Query{connection, kNoteEvent}
        .bind("job_seq", state.seq)
        .bind("at", at)
        .bind("type", note.type)
        .bind("status", state.status)
        .bind("actor", note.actor)
        .bind("detail", note.detail)
        .run();
}

void note_event(Connection& connection, const JobId& id, const Note& note, Time now) {
    const JobState state = require_state(connection, id);
    note_event(connection, state, note, state.not_before(now - note.ago));
}

}  // namespace atlasjob::sqlite
