#include "store/sqlite/verbs/prune.h"

#include "base/error.h"
#include "store/sqlite/verbs/verbs.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

constexpr const char* kByStatus = R"sql(
    SELECT seq
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
    SELECT seq
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

}  // namespace

std::vector<std::int64_t> expired_jobs(
    Connection& connection, const Retention& retention, int limit, Time now) {
    std::vector<std::int64_t> seqs;
    const auto collect = [&](Query& query) {
        while (query.step())
            seqs.push_back(query.integer("seq"));
    };
    for_each_group(connection, [&](const std::string& owner, Status status) {
        Query query{connection, kByStatus};
        query.bind("owner", owner)
            .bind("status", status)
            .bind("ended_by", now - retention.of(status))
            .bind("limit", limit);
        collect(query);
    });
    Query query{connection, kByOwnRetention};
    collect(query.bind("now", now).bind("limit", limit));
    return seqs;
}

void delete_with_tombstone(Connection& connection, std::int64_t seq, Time now) {
    Query{connection, kLeaveTombstone}.bind("now", now).bind("seq", seq).run();
    Query{connection, kDelete}.bind("seq", seq).run();
}

PrunedJob delete_job(Connection& connection, const JobId& id, Time now) {
    const JobState state = require_state(connection, id);
    if (!is_terminal(state.status)) {
        throw Error(
            ErrorCode::refused,
            fmt::format(
                "job {} is {}: only a job that has ended can be deleted", state.seq,
                to_string(state.status)),
            fmt::format("stop it first: `atlasjob cancel --wait {0}; atlasjob rm {0}`", state.seq));
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
