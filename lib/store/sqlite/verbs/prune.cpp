#include "base/error.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kByStatus =
    "SELECT seq, job_id, attempt, ended_at FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at "
    "<= ?3 AND ended_at IS NOT NULL AND retain_ms IS NULL ORDER BY ended_at LIMIT ?4";
constexpr const char* kByOwnRetention =
    "SELECT seq, job_id, attempt, ended_at FROM jobs WHERE expires_at <= ?1 "
    "AND ended_at IS NOT NULL AND retain_ms IS NOT NULL ORDER BY expires_at LIMIT ?2";
constexpr const char* kCountByStatus =
    "SELECT count(*) FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at <= ?3 "
    "AND ended_at IS NOT NULL AND retain_ms IS NULL";
constexpr const char* kCountByOwnRetention =
    "SELECT count(*) FROM jobs WHERE expires_at <= ?1 AND ended_at IS NOT NULL AND retain_ms IS "
    "NOT NULL";
constexpr const char* kLeaveTombstone =
    "INSERT OR REPLACE INTO tombstones (seq, job_id, owner, last_status, last_reason, ended_at, "
    "pruned_at) SELECT seq, job_id, owner, status, reason, ended_at, max(ended_at, ?2) "
    "FROM jobs WHERE seq = ?1";
constexpr const char* kDelete = "DELETE FROM jobs WHERE seq = ?1";
constexpr const char* kDropTombstones =
    "DELETE FROM tombstones WHERE seq IN "
    "(SELECT seq FROM tombstones WHERE pruned_at <= ?1 ORDER BY pruned_at LIMIT ?2)";

struct Candidate {
    PrunedJob job;
    Time ended_at;
};

void collect(Query& query, std::vector<Candidate>& candidates) {
    while (query.step()) {
        candidates.push_back(
            {{JobId::parse(query.text(1)).value(), query.integer(0), query.integer<int>(2)},
             query.time(3)});
    }
}

std::int64_t read_count(Query& query) {
    return query.step() ? query.integer(0) : 0;
}

/// Calls `visit(owner, status)` for every owner and terminal status, the groups of jobs with the
/// same default retention.
template <class Visit>
void for_each_group(Connection& connection, Visit visit) {
    for (const std::string& owner : load_owners(connection)) {
        for (const Status status : kTerminalStatuses)
            visit(owner, status);
    }
}

std::vector<Candidate> expired_jobs(
    Connection& connection, const Retention& retention, int limit, Time now) {
    std::vector<Candidate> candidates;
    for_each_group(connection, [&](const std::string& owner, Status status) {
        Query query{connection, kByStatus};
        collect(query.bind(owner, status, now - retention.of(status), limit), candidates);
    });
    Query query{connection, kByOwnRetention};
    collect(query.bind(now, limit), candidates);
    std::ranges::sort(candidates, {}, &Candidate::ended_at);
    candidates.erase(
        candidates.begin() + std::min<std::ptrdiff_t>(std::ssize(candidates), limit),
        candidates.end());
    return candidates;
}

void delete_with_tombstone(Connection& connection, std::int64_t seq, Time now) {
    Query{connection, kLeaveTombstone}.bind(seq, now).run();
    Query{connection, kDelete}.bind(seq).run();
}

}  // namespace

std::vector<PrunedJob> prune_jobs(
    Connection& connection, const Retention& retention, int limit, Time now) {
    std::vector<PrunedJob> pruned;
    for (const Candidate& candidate : expired_jobs(connection, retention, limit, now)) {
        delete_with_tombstone(connection, candidate.job.seq, now);
        pruned.push_back(candidate.job);
    }
    return pruned;
}

PrunedJob delete_job(Connection& connection, const JobId& id, Time now) {
    const JobState state = require_state(connection, id);
    if (!is_terminal(state.status)) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} is {}: only a job that has ended can be deleted", state.seq,
                to_string(state.status)),
            "cancel it first, or wait until it ends");
    }
    delete_with_tombstone(connection, state.seq, now);
    return {id, state.seq, state.attempt};
}

std::int64_t count_prunable(Connection& connection, const Retention& retention, Time now) {
    std::int64_t total = 0;
    for_each_group(connection, [&](const std::string& owner, Status status) {
        Query query{connection, kCountByStatus};
        total += read_count(query.bind(owner, status, now - retention.of(status)));
    });
    Query query{connection, kCountByOwnRetention};
    return total + read_count(query.bind(now));
}

int drop_tombstones(Connection& connection, int limit, Time now) {
    return Query{connection, kDropTombstones}.bind(now - kTombstoneRetention, limit).run();
}

}  // namespace atlasjob::sqlite
