#include "store/sqlite/queries/statistics.h"

#include "store/sqlite/connection/rows.h"

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

/// The number of jobs whose durations are evaluated, and the maximum read per owner and status.
constexpr int kNewest = 10'000;

constexpr const char* kEndedSince =
    "SELECT count(*) FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at > ?3 "
    "AND ended_at IS NOT NULL";
constexpr const char* kEndedBefore =
    "SELECT count(*) FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at <= ?3 "
    "AND ended_at IS NOT NULL";
constexpr const char* kFirstEnd =
    "SELECT min(ended_at) FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at IS NOT NULL";
constexpr const char* kLastEnd =
    "SELECT max(ended_at) FROM jobs WHERE owner = ?1 AND status = ?2 AND ended_at IS NOT NULL";
constexpr const char* kCounted =
    "SELECT coalesce(sum(jobs), 0) FROM counters WHERE owner = ?1 AND status = ?2";
// Without lost attempts: their end is only when the loss was noticed.
constexpr const char* kDurations =
    "SELECT j.ended_at, j.kind, a.ended_at - a.started_at FROM "
    "(SELECT seq, ended_at, kind, attempt FROM jobs WHERE owner = ?1 AND status = ?2 "
    " AND ended_at >= ?3 AND ended_at IS NOT NULL AND attempt > 0 "
    " ORDER BY ended_at DESC LIMIT ?4) j "
    "JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
    "WHERE a.outcome <> 'lost'";

// For the oldest due job: within each queue, account and priority the index is in the order of age.
constexpr const char* kNextQueue =
    "SELECT queue, account_uid, priority FROM jobs WHERE ready = 1 AND queue > ?1 "
    "ORDER BY queue, account_uid, priority DESC LIMIT 1";
constexpr const char* kNextAccount =
    "SELECT queue, account_uid, priority FROM jobs WHERE ready = 1 AND queue = ?1 "
    "AND account_uid > ?2 ORDER BY account_uid, priority DESC LIMIT 1";
constexpr const char* kNextPriority =
    "SELECT queue, account_uid, priority FROM jobs WHERE ready = 1 AND queue = ?1 "
    "AND account_uid = ?2 AND priority < ?3 ORDER BY priority DESC LIMIT 1";
constexpr const char* kOldestReady =
    "SELECT created_at FROM jobs WHERE ready = 1 AND queue = ?1 AND account_uid = ?2 "
    "AND priority = ?3 AND (?4 OR owner = ?5) ORDER BY seq LIMIT 1";
constexpr const char* kOldestNowDue =
    "SELECT min(created_at) FROM jobs WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0 AND held = 0 AND run_after <= ?1 AND (?2 OR owner = ?3)";
constexpr const char* kOldestToStart =
    "SELECT created_at FROM jobs WHERE status = 'queued' AND has_command = 0 AND owner = ?1 "
    "AND open_dependencies = 0 AND coalesce(run_after, 0) <= ?2 ORDER BY seq LIMIT 1";

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
    for (query.bind(owner, status, since, kNewest); query.step();) {
        ended.push_back(
            {query.time(0), {std::string{query.text(1)}, milliseconds{query.integer(2)}}});
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
        if (since - *first > *last - since) return count(kEndedSince, since);
        return count(kCounted) - count(kEndedBefore, since);
    }

  private:
    template <class... Values>
    std::int64_t count(const char* sql, const Values&... values) const {
        Query query{connection_, sql};
        return query.bind(owner_, status_, values...).step() ? query.integer(0) : 0;
    }

    std::optional<Time> end(const char* sql) const {
        Query query{connection_, sql};
        return query.bind(owner_, status_).step() ? query.optional_time(0) : std::nullopt;
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

/// Lowers `oldest` to the time in the query's first row if that is earlier.
void take_earlier(std::optional<Time>& oldest, Query& query) {
    if (!query.step()) return;
    const auto found = query.optional_time(0);
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
    return Group{std::string{query.text(0)}, query.integer(1), query.integer(2)};
}

std::optional<Group> group_after(Connection& connection, const Group& group) {
    Query lower{connection, kNextPriority};
    if (auto next = read_group(lower.bind(group.queue, group.account, group.priority))) return next;
    Query account{connection, kNextAccount};
    if (auto next = read_group(account.bind(group.queue, group.account))) return next;
    Query queue{connection, kNextQueue};
    return read_group(queue.bind(group.queue));
}

std::optional<Time> oldest_ready(Connection& connection, const Principal& principal) {
    std::optional<Time> oldest;
    for (std::optional<Group> group = group_after(connection, {}); group;
         group = group_after(connection, *group)) {
        Query query{connection, kOldestReady};
        query.bind(group->queue, group->account, group->priority, principal.admin, principal.name);
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
    take_earlier(statistics.oldest_queued_at, now_due.bind(now, principal.admin, principal.name));
    for (const std::string& owner : owners) {
        Query to_start{connection, kOldestToStart};
        take_earlier(statistics.oldest_queued_at, to_start.bind(owner, now));
    }
    statistics.ended_last_hour = count_ended(connection, owners, now - std::chrono::hours{1});
    add_durations(statistics, newest_durations(connection, owners));
    return statistics;
}

}  // namespace atlasjob::sqlite
