#include "store/sqlite/queries/statistics.h"

#include "store/sqlite/connection/rows.h"

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

/// The number of jobs whose durations are evaluated, and the maximum read per owner and status.
constexpr int kNewest = 10'000;

constexpr const char* kEndedSince = R"sql(
    SELECT count(*) AS jobs
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at > :since
      AND ended_at IS NOT NULL
)sql";
constexpr const char* kEndedBefore = R"sql(
    SELECT count(*) AS jobs
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at <= :since
      AND ended_at IS NOT NULL
)sql";
constexpr const char* kFirstEnd = R"sql(
    SELECT min(ended_at) AS ended_at
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at IS NOT NULL
)sql";
constexpr const char* kLastEnd = R"sql(
    SELECT max(ended_at) AS ended_at
    FROM jobs
    WHERE owner = :owner
      AND status = :status
      AND ended_at IS NOT NULL
)sql";
constexpr const char* kCounted = R"sql(
    SELECT coalesce(sum(jobs), 0) AS jobs
    FROM counters
    WHERE owner = :owner
      AND status = :status
)sql";
// Without lost attempts: their end is only when the loss was noticed.
constexpr const char* kDurations = R"sql(
    SELECT j.ended_at, j.kind, a.ended_at - a.started_at AS duration
    FROM (
        SELECT seq, ended_at, kind, attempt
        FROM jobs
        WHERE owner = :owner
          AND status = :status
          AND ended_at >= :since
          AND ended_at IS NOT NULL
          AND attempt > 0
        ORDER BY ended_at DESC
        LIMIT :limit
    ) j
    JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt
    WHERE a.outcome <> 'lost'
)sql";

// For the oldest due job: within each queue, account and priority the index is in the order of age.
constexpr const char* kNextQueue = R"sql(
    SELECT queue, account_uid, priority
    FROM jobs
    WHERE ready = 1
      AND queue > :queue
    ORDER BY queue, account_uid, priority DESC
    LIMIT 1
)sql";
constexpr const char* kNextAccount = R"sql(
    SELECT queue, account_uid, priority
    FROM jobs
    WHERE ready = 1
      AND queue = :queue
      AND account_uid > :account
    ORDER BY account_uid, priority DESC
    LIMIT 1
)sql";
constexpr const char* kNextPriority = R"sql(
    SELECT queue, account_uid, priority
    FROM jobs
    WHERE ready = 1
      AND queue = :queue
      AND account_uid = :account
      AND priority < :priority
    ORDER BY priority DESC
    LIMIT 1
)sql";
constexpr const char* kOldestReady = R"sql(
    SELECT created_at
    FROM jobs
    WHERE ready = 1
      AND queue = :queue
      AND account_uid = :account
      AND priority = :priority
      AND (:admin OR owner = :owner)
    ORDER BY seq
    LIMIT 1
)sql";
constexpr const char* kOldestNowDue = R"sql(
    SELECT min(created_at) AS created_at
    FROM jobs
    WHERE status = 'queued'
      AND has_command = 1
      AND ready = 0
      AND open_dependencies = 0
      AND held = 0
      AND run_after <= :now
      AND (:admin OR owner = :owner)
)sql";
constexpr const char* kOldestToStart = R"sql(
    SELECT created_at
    FROM jobs
    WHERE status = 'queued'
      AND has_command = 0
      AND owner = :owner
      AND open_dependencies = 0
      AND coalesce(run_after, 0) <= :now
    ORDER BY seq
    LIMIT 1
)sql";

struct Ended {
    Time at;
    JobDuration job;
};

std::vector<std::string> visible_owners(Connection& connection, const Principal& principal) {
    return principal.admin ? load_owners(connection) : std::vector{principal.name};
}

/// Keeps the newest kNewest of `ended`. Returns when the oldest of them ended, or the epoch if
/// there are fewer.
Time keep_newest(std::vector<Ended>& ended) {
    if (std::ssize(ended) < kNewest) return {};
    const auto last = ended.begin() + kNewest - 1;
    std::ranges::nth_element(ended, last, std::greater{}, &Ended::at);
    const Time oldest = last->at;
    ended.erase(last + 1, ended.end());
    return oldest;
}

/// Adds the jobs of one owner that ended as `status` at or after `since`.
void add_ended(
    Connection& connection,
    const std::string& owner,
    Status status,
    Time since,
    std::vector<Ended>& ended) {
    Query query{connection, kDurations};
    query.bind("owner", owner).bind("status", status).bind("since", since).bind("limit", kNewest);
    while (query.step()) {
        const Time at = query.time("ended_at");
        std::string kind{query.text("kind")};
        ended.push_back({at, {std::move(kind), milliseconds{query.integer("duration")}}});
    }
}

std::vector<JobDuration> newest_durations(
    Connection& connection, const std::vector<std::string>& owners) {
    std::vector<Ended> ended;
    Time oldest{};
    for (const std::string& owner : owners) {
        for (const Status status : kTerminalStatuses) {
            add_ended(connection, owner, status, oldest, ended);
            oldest = keep_newest(ended);
        }
    }
    std::vector<JobDuration> durations;
    durations.reserve(ended.size());
    for (Ended& job : ended)
        durations.push_back(std::move(job.job));
    return durations;
}

/// The jobs of one owner that ended as one status.
class EndedJobs {
  public:
    EndedJobs(Connection& connection, const std::string& owner, Status status)
        : connection_(connection), owner_(owner), status_(status) {}

    /// Counting a million jobs takes a tenth of a second, so this counts those before or after
    /// `since`, whichever should be fewer according to the first and the last end.
    std::int64_t count_since(Time since) const {
        const auto first = end(kFirstEnd);
        const auto last = end(kLastEnd);
        if (!first || !last || *last <= since) return 0;
        if (since - *first > *last - since) return count_from(kEndedSince, since);
        return count_all() - count_from(kEndedBefore, since);
    }

  private:
    std::int64_t count_all() const {
        Query query{connection_, kCounted};
        query.bind("owner", owner_).bind("status", status_);
        return query.step() ? query.integer("jobs") : 0;
    }

    std::int64_t count_from(const char* sql, Time since) const {
        Query query{connection_, sql};
        query.bind("owner", owner_).bind("status", status_).bind("since", since);
        return query.step() ? query.integer("jobs") : 0;
    }

    std::optional<Time> end(const char* sql) const {
        Query query{connection_, sql};
        query.bind("owner", owner_).bind("status", status_);
        return query.step() ? query.optional_time("ended_at") : std::nullopt;
    }

    Connection& connection_;
    const std::string& owner_;
    Status status_;
};

std::int64_t count_ended(
    Connection& connection, const std::vector<std::string>& owners, Time since) {
    std::int64_t count = 0;
    for (const std::string& owner : owners) {
        for (const Status status : kTerminalStatuses)
            count += EndedJobs{connection, owner, status}.count_since(since);
    }
    return count;
}

/// Lowers `oldest` to when the job in the query's first row was created if that is earlier.
void take_earlier(std::optional<Time>& oldest, Query& query) {
    if (!query.step()) return;
    const auto found = query.optional_time("created_at");
    if (found && (!oldest || *found < *oldest)) oldest = found;
}

/// A queue, account and priority that has ready jobs.
struct Group {
    std::string queue;
    AccountId account = 0;
    std::int64_t priority = 0;
};

std::optional<Group> read_group(Query& query) {
    if (!query.step()) return {};
    return Group{
        std::string{query.text("queue")}, query.integer("account_uid"), query.integer("priority")};
}

std::optional<Group> group_after(Connection& connection, const Group& group) {
    Query lower{connection, kNextPriority};
    lower.bind("queue", group.queue)
        .bind("account", group.account)
        .bind("priority", group.priority);
    if (auto next = read_group(lower)) return next;
    Query account{connection, kNextAccount};
    account.bind("queue", group.queue).bind("account", group.account);
    if (auto next = read_group(account)) return next;
    Query queue{connection, kNextQueue};
    return read_group(queue.bind("queue", group.queue));
}

std::optional<Time> oldest_ready(Connection& connection, const Principal& principal) {
    std::optional<Time> oldest;
    for (std::optional<Group> group = group_after(connection, {}); group;
         group = group_after(connection, *group)) {
        Query query{connection, kOldestReady};
        query.bind("queue", group->queue)
            .bind("account", group->account)
            .bind("priority", group->priority)
            .bind("admin", principal.admin)
            .bind("owner", principal.name);
        take_earlier(oldest, query);
    }
    return oldest;
}

}  // namespace

Statistics read_statistics(Connection& connection, const Principal& principal, Time now) {
    const std::vector<std::string> owners = visible_owners(connection, principal);
    Statistics statistics;
    statistics.oldest_queued_at = oldest_ready(connection, principal);
    Query now_due{connection, kOldestNowDue};
    now_due.bind("now", now).bind("admin", principal.admin).bind("owner", principal.name);
    take_earlier(statistics.oldest_queued_at, now_due);
    for (const std::string& owner : owners) {
        Query to_start{connection, kOldestToStart};
        take_earlier(statistics.oldest_queued_at, to_start.bind("owner", owner).bind("now", now));
    }
    statistics.ended_last_hour = count_ended(connection, owners, now - std::chrono::hours{1});
    add_durations(statistics, newest_durations(connection, owners));
    return statistics;
}

}  // namespace atlasjob::sqlite
