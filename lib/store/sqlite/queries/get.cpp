#include "store/sqlite/queries/get.h"

#include "ledger/policy.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kSpecOf = R"sql(
    SELECT s.job_seq
    FROM jobs j
    JOIN job_specs s ON s.job_seq = j.seq
    WHERE j.job_id = :job_id
      AND j.has_command
)sql";
constexpr const char* kHookOf = R"sql(
    SELECT s.job_seq
    FROM jobs j
    JOIN job_specs s ON s.job_seq = j.seq
    WHERE j.job_id = :job_id
      AND j.has_on_end
)sql";
// A dependency that was met later does not count. UNION, not UNION ALL: each job once.
constexpr std::string_view kCancelledDependents = R"sql(
    WITH RECURSIVE cancelled (cancelled_seq, cancelled_id) AS (
        SELECT NULL, :job_id
        UNION
        SELECT j.seq, j.job_id
        FROM cancelled c
        JOIN dependencies d ON d.after_id = c.cancelled_id AND d.met = 0 AND d.any_end = 0
        JOIN jobs j ON j.seq = d.job_seq
        WHERE j.status = 'cancelled'
          AND j.reason = 'dependency'
    )
    SELECT {}
    FROM cancelled
    JOIN jobs j ON j.seq = cancelled_seq
    ORDER BY j.seq
)sql";
constexpr const char* kTombstoneOf = R"sql(
    SELECT seq, job_id, owner, last_status, last_reason, ended_at, pruned_at
    FROM tombstones
    WHERE job_id = :job_id
       OR seq = :seq
)sql";
constexpr const char* kCounts = R"sql(
    SELECT queue, kind, status, sum(jobs) AS jobs
    FROM counters
    WHERE jobs > 0
      AND (:admin OR owner = :owner)
    GROUP BY queue, kind, status
    ORDER BY queue, kind, status
)sql";
// Lists are passed as text with a space before and after each word.
constexpr const char* kEvents = R"sql(
    SELECT e.seq, j.job_id, e.at, e.type, e.from_status, e.to_status, e.actor, e.reason, e.detail
    FROM {}
    WHERE {}
      AND e.seq > :after_seq
      AND (:admin OR j.owner = :owner)
      AND (:types IS NULL OR instr(:types, ' ' || e.type || ' '))
      AND (:to IS NULL OR instr(:to, ' ' || e.to_status || ' '))
      AND (:kind IS NULL OR j.kind = :kind)
      AND (:since IS NULL OR e.at >= :since)
    ORDER BY e.seq
    LIMIT :limit
)sql";

/// The statement that reads the events in question without reading all others.
const char* events_sql(const EventQuery& filter) {
    static const std::string all =
        fmt::format(kEvents, "events e JOIN jobs j ON j.seq = e.job_seq", "true");
    static const std::string of_job =
        fmt::format(kEvents, "jobs j JOIN events e ON e.job_seq = j.seq", "j.job_id = :job_id");
    static const std::string of_session = fmt::format(
        kEvents,
        "jobs j INDEXED BY jobs_of_session CROSS JOIN events e INDEXED BY events_of_job ON "
        "e.job_seq = j.seq",
        "j.session = :session");
    if (filter.job_id) return of_job.c_str();
    return filter.session ? of_session.c_str() : all.c_str();
}

constexpr const char* kLastEvent = R"sql(
    SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS last_seq
)sql";
constexpr const char* kEventsLeft = R"sql(
    SELECT count(*) AS events
    FROM events
    WHERE seq > :after_seq
)sql";
constexpr const char* kEventAtOrBefore = R"sql(
    SELECT at
    FROM events
    WHERE seq <= :seq
    ORDER BY seq DESC
    LIMIT 1
)sql";
constexpr const char* kDeletedSince = R"sql(
    SELECT 1
    FROM tombstones
    WHERE ended_at > :at
      AND (:admin OR owner = :owner)
    LIMIT 1
)sql";

// A job of another owner is not found by the statement itself, so that it takes as long as one that
// does not exist.
constexpr const char* kJobBySeq = R"sql(
    SELECT {}
    FROM jobs j
    WHERE j.seq = :seq
      AND (:admin OR j.owner = :owner)
)sql";
constexpr const char* kJobById = R"sql(
    SELECT {}
    FROM jobs j
    WHERE j.job_id = :job_id
      AND (:admin OR j.owner = :owner)
)sql";
constexpr const char* kLastJob = R"sql(
    SELECT {}
    FROM jobs j
    WHERE j.owner = :owner
    ORDER BY j.seq DESC
    LIMIT 1
)sql";

/// The statement that finds a job named in this way. Built once, because its pointer is the key of
/// the prepared statement.
const char* select_job(JobRef::Kind kind) {
    static const std::string by_seq = fmt::format(kJobBySeq, kJobColumns);
    static const std::string by_id = fmt::format(kJobById, kJobColumns);
    static const std::string last = fmt::format(kLastJob, kJobColumns);
    switch (kind) {
        case JobRef::Kind::seq:
            return by_seq.c_str();
        case JobRef::Kind::id:
            return by_id.c_str();
        case JobRef::Kind::last:
            return last.c_str();
    }
    return by_seq.c_str();
}

void bind_ref(Query& query, const JobRef& ref, const Principal& principal) {
    switch (ref.kind) {
        case JobRef::Kind::seq:
            query.bind("seq", ref.seq).bind("admin", principal.admin);
            break;
        case JobRef::Kind::id:
            query.bind("job_id", ref.job_id).bind("admin", principal.admin);
            break;
        case JobRef::Kind::last:
            break;
    }
    query.bind("owner", principal.name);
}

Event read_event(const Query& query) {
    Event event;
    event.seq = query.integer("seq");
    event.job_id = query.text("job_id");
    event.at = query.time("at");
    event.type = query.text("type");
    event.from = parse_status(query.text("from_status"));
    event.to = parse_status(query.text("to_status")).value_or(Status::queued);
    event.actor = query.text("actor");
    event.reason = parse_reason(query.text("reason"));
    event.detail = query.optional_text("detail");
    return event;
}

/// nullopt for an empty list: no condition.
template <class Range, class Word>
std::optional<std::string> word_list(const Range& range, const Word& word) {
    if (range.empty()) return {};
    std::string list = " ";
    for (const auto& entry : range)
        list.append(word(entry)).append(" ");
    return list;
}

}  // namespace

std::optional<Job> find_job(
    Connection& connection, const JobRef& ref, const Principal& principal, Detail detail) {
    Query query{connection, select_job(ref.kind)};
    bind_ref(query, ref, principal);
    if (!query.step()) return {};
    Job job = read_job(query);
    if (!principal.may_see(job.owner)) return {};
    if (detail == Detail::full) load_details(connection, job);
    return job;
}

std::optional<CommandSpec> find_command(Connection& connection, const JobId& id) {
    Query query{connection, kSpecOf};
    if (!query.bind("job_id", id).step()) return {};
    return load_command(connection, query.integer("job_seq"));
}

std::optional<CommandSpec> find_hook(Connection& connection, const JobId& id) {
    Query query{connection, kHookOf};
    if (!query.bind("job_id", id).step()) return {};
    return load_command(connection, query.integer("job_seq"));
}

std::vector<Job> find_cancelled_dependents(Connection& connection, const JobId& id) {
    static const std::string sql = fmt::format(kCancelledDependents, kJobColumns);
    std::vector<Job> jobs;
    Query query{connection, sql.c_str()};
    for (query.bind("job_id", id); query.step();)
        jobs.push_back(read_job(query));
    return jobs;
}

std::optional<Tombstone> find_tombstone(
    Connection& connection, const JobRef& ref, const Principal& principal) {
    if (ref.kind == JobRef::Kind::last) return {};
    Query query{connection, kTombstoneOf};
    query.bind("job_id", ref.job_id).bind("seq", ref.seq);
    if (!query.step() || !principal.may_see(query.text("owner"))) return {};
    return Tombstone{
        std::string{query.text("job_id")},
        query.integer("seq"),
        std::string{query.text("owner")},
        parse_status(query.text("last_status")).value_or(Status::done),
        parse_reason(query.text("last_reason")),
        query.time("ended_at"),
        query.time("pruned_at")};
}

std::vector<Count> count_jobs(Connection& connection, const Principal& principal) {
    std::vector<Count> counts;
    Query query{connection, kCounts};
    for (query.bind("admin", principal.admin).bind("owner", principal.name); query.step();) {
        Count count;
        count.queue = query.text("queue");
        count.kind = query.text("kind");
        count.status = parse_status(query.text("status")).value_or(Status::queued);
        count.jobs = query.integer("jobs");
        counts.push_back(std::move(count));
    }
    return counts;
}

std::vector<Event> events_since(
    Connection& connection, const EventQuery& filter, const Principal& principal) {
    std::vector<Event> events;
    Query query{connection, events_sql(filter)};
    const auto same = [](const std::string& type) { return std::string_view{type}; };
    query.bind("after_seq", filter.after_seq)
        .bind("admin", principal.admin)
        .bind("owner", principal.name)
        .bind("types", word_list(filter.types, same))
        .bind("to", word_list(filter.to, [](Status status) { return to_string(status); }))
        .bind("kind", filter.kind)
        .bind("since", filter.since);
    if (filter.job_id) {
        query.bind("job_id", *filter.job_id);
    } else if (filter.session) {
        query.bind("session", filter.session);
    }
    query.bind("limit", filter.limit);
    while (query.step())
        events.push_back(read_event(query));
    return events;
}

namespace {

/// Whether a job that the principal may see was deleted and ended after the latest event up to
/// `seq` that is left. True if that event is older than tombstones are kept, or there is none.
bool may_have_lost(Connection& connection, std::int64_t seq, const Principal& principal, Time now) {
    Query before{connection, kEventAtOrBefore};
    if (!before.bind("seq", seq).step()) return true;
    const Time at = before.time("at");
    if (at < now - kTombstoneRetention) return true;
    return Query{connection, kDeletedSince}
        .bind("at", at)
        .bind("admin", principal.admin)
        .bind("owner", principal.name)
        .step();
}

}  // namespace

EventPosition event_position(
    Connection& connection, std::int64_t after_seq, const Principal& principal, Time now) {
    Query last{connection, kLastEvent};
    last.step();
    EventPosition position{last.integer("last_seq"), false};
    if (after_seq == position.last_seq) return position;
    Query left{connection, kEventsLeft};
    left.bind("after_seq", after_seq).step();
    const bool is_whole = left.integer("events") == position.last_seq - after_seq;
    position.has_gap =
        !is_whole
        && (after_seq > position.last_seq || may_have_lost(connection, after_seq, principal, now));
    return position;
}

}  // namespace atlasjob::sqlite
