#include "store/sqlite/queries/get.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kSpecOf =
    "SELECT s.job_seq FROM jobs j JOIN job_specs s ON s.job_seq = j.seq WHERE j.job_id = ?1";
constexpr const char* kTombstoneOf =
    "SELECT seq, job_id, owner, last_status, last_reason, ended_at, pruned_at FROM tombstones "
    "WHERE job_id = ?1 OR seq = ?2";
constexpr const char* kCounts =
    "SELECT queue, kind, status, sum(jobs) FROM counters WHERE jobs > 0 AND (?1 OR owner = ?2) "
    "GROUP BY queue, kind, status ORDER BY queue, kind, status";
constexpr const char* kEvents =
    "SELECT e.seq, j.job_id, e.at, e.type, e.from_status, e.to_status, e.actor, e.reason "
    "FROM events e JOIN jobs j ON j.seq = e.job_seq "
    "WHERE e.seq > ?1 AND (?2 OR j.owner = ?3) ORDER BY e.seq LIMIT ?4";
constexpr const char* kEventsOfJob =
    "SELECT e.seq, j.job_id, e.at, e.type, e.from_status, e.to_status, e.actor, e.reason "
    "FROM jobs j JOIN events e ON e.job_seq = j.seq "
    "WHERE e.seq > ?1 AND (?2 OR j.owner = ?3) AND j.job_id = ?5 ORDER BY e.seq LIMIT ?4";

/// The statement that finds a job named in this way. Built once, because its pointer is the key of
/// the prepared statement.
const char* select_job(JobRef::Kind kind) {
    static const std::string by_seq =
        fmt::format("SELECT {} FROM jobs j WHERE j.seq = ?1", kJobColumns);
    static const std::string by_id =
        fmt::format("SELECT {} FROM jobs j WHERE j.job_id = ?1", kJobColumns);
    static const std::string last = fmt::format(
        "SELECT {} FROM jobs j WHERE j.owner = ?1 ORDER BY j.seq DESC LIMIT 1", kJobColumns);
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
            query.bind(ref.seq);
            return;
        case JobRef::Kind::id:
            query.bind(ref.job_id);
            return;
        case JobRef::Kind::last:
            query.bind(principal.name);
            return;
    }
}

Event read_event(const Query& query) {
    Event event;
    event.seq = query.integer(0);
    event.job_id = query.text(1);
    event.at = query.time(2);
    event.type = query.text(3);
    event.from = parse_status(query.text(4));
    event.to = parse_status(query.text(5)).value_or(Status::queued);
    event.actor = query.text(6);
    event.reason = parse_reason(query.text(7));
    return event;
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
    if (!query.bind(id).step()) return {};
    return load_command(connection, query.integer(0));
}

std::optional<Tombstone> find_tombstone(
    Connection& connection, const JobRef& ref, const Principal& principal) {
    if (ref.kind == JobRef::Kind::last) return {};
    Query query{connection, kTombstoneOf};
    if (!query.bind(ref.job_id, ref.seq).step() || !principal.may_see(query.text(2))) return {};
    return Tombstone{
        std::string{query.text(1)},
        query.integer(0),
        std::string{query.text(2)},
        parse_status(query.text(3)).value_or(Status::done),
        parse_reason(query.text(4)),
        query.time(5),
        query.time(6)};
}

std::vector<Count> count_jobs(Connection& connection, const Principal& principal) {
    std::vector<Count> counts;
    Query query{connection, kCounts};
    for (query.bind(principal.admin, principal.name); query.step();) {
        const auto status = parse_status(query.text(2)).value_or(Status::queued);
        counts.push_back(
            {std::string{query.text(0)}, std::string{query.text(1)}, status, query.integer(3)});
    }
    return counts;
}

std::vector<Event> events_since(
    Connection& connection, const EventQuery& filter, const Principal& principal) {
    std::vector<Event> events;
    Query query{connection, filter.job_id ? kEventsOfJob : kEvents};
    query.bind(filter.after_seq, principal.admin, principal.name, filter.limit);
    if (filter.job_id) query.bind(*filter.job_id);
    while (query.step())
        events.push_back(read_event(query));
    return events;
}

}  // namespace atlasjob::sqlite
