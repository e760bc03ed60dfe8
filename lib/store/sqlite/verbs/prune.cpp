#include "base/error.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kByStatus = R"sql(
    SELECT seq, job_id, attempt, ended_at
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at <= :ended_by
      AND ended_at IS NOT NULL
      AND retain_ms IS NULL
    ORDER BY ended_at
    LIMIT :limit
)sql";
constexpr const char* kByOwnRetention = R"sql(
    SELECT seq, job_id, attempt, ended_at
    FROM jobs
    WHERE expires_at <= :now
      AND ended_at IS NOT NULL
      AND retain_ms IS NOT NULL
    ORDER BY expires_at
    LIMIT :limit
)sql";
constexpr const char* kCountByStatus = R"sql(
    SELECT count(*) AS jobs
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at <= :ended_by
      AND ended_at IS NOT NULL
      AND retain_ms IS NULL
)sql";
constexpr const char* kCountByOwnRetention = R"sql(
    SELECT count(*) AS jobs
    FROM jobs
    WHERE expires_at <= :now
      AND ended_at IS NOT NULL
      AND retain_ms IS NOT NULL
)sql";
constexpr const char* kLeaveTombstone = R"sql(
    INSERT OR REPLACE INTO tombstones
        (seq, job_id, owner, last_status, last_reason, ended_at, pruned_at)
    SELECT seq, job_id, owner, status, reason, ended_at, max(ended_at, :now)
    FROM jobs
    WHERE seq = :seq
)sql";
constexpr const char* kDelete = R"sql(
    DELETE FROM jobs
    WHERE seq = :seq
)sql";
constexpr const char* kDropTombstones = R"sql(
    DELETE FROM tombstones
    WHERE seq IN (
        SELECT seq
        FROM tombstones
        WHERE pruned_at <= :pruned_by
        ORDER BY pruned_at
        LIMIT :limit
    )
)sql";

struct Candidate {
    PrunedJob job;
    Time ended_at;
};

void collect(Query& query, std::vector<Candidate>& candidates) {
    while (query.step()) {
        const std::int64_t seq = query.integer("seq");
        const JobId id = JobId::parse(query.text("job_id")).value();
        const int attempt = query.integer<int>("attempt");
        candidates.push_back({{id, seq, attempt}, query.time("ended_at")});
    }
}

std::int64_t read_count(Query& query) {
    return query.step() ? query.integer("jobs") : 0;
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
        query.bind("owner", owner)
            .bind("status", status)
            .bind("ended_by", now - retention.of(status))
            .bind("limit", limit);
        collect(query, candidates);
    });
    Query query{connection, kByOwnRetention};
    collect(query.bind("now", now).bind("limit", limit), candidates);
    std::ranges::sort(candidates, {}, &Candidate::ended_at);
    candidates.erase(
        candidates.begin() + std::min<std::ptrdiff_t>(std::ssize(candidates), limit),
        candidates.end());
    return candidates;
}

void delete_with_tombstone(Connection& connection, std::int64_t seq, Time now) {
    Query{connection, kLeaveTombstone}.bind("now", now).bind("seq", seq).run();
    Query{connection, kDelete}.bind("seq", seq).run();
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
        query.bind("owner", owner)
            .bind("status", status)
            .bind("ended_by", now - retention.of(status));
        total += read_count(query);
    });
    Query query{connection, kCountByOwnRetention};
    return total + read_count(query.bind("now", now));
}

int drop_tombstones(Connection& connection, int limit, Time now) {
    Query query{connection, kDropTombstones};
    return query.bind("pruned_by", now - kTombstoneRetention).bind("limit", limit).run();
}

}  // namespace atlasjob::sqlite
