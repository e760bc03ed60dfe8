#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/prune.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <functional>

namespace atlasjob::sqlite {

namespace {

/// Jobs in a list, per owner and status: 8 bytes each.
constexpr int kMaxListed = 200'000;
constexpr std::size_t kMinBatch = 16;

// A batch reads and writes some hundred pages, more than SQLite keeps by default.
constexpr const char* kSettings = R"sql(
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16384
)sql";
constexpr const char* kCreateBatch = R"sql(
    CREATE TEMP TABLE IF NOT EXISTS pruned_batch (
        seq      INTEGER PRIMARY KEY,
        job_id   TEXT,
        owner    TEXT,
        queue    TEXT,
        kind     TEXT,
        status   TEXT,
        reason   TEXT,
        ended_at INTEGER,
        attempt  INTEGER
    )
)sql";
constexpr const char* kCreateLabels = R"sql(
    CREATE TEMP TABLE IF NOT EXISTS pruned_labels (
        owner TEXT,
        key   TEXT,
        value TEXT,
        jobs  INTEGER
    )
)sql";
// Other programs have written since the list was made.
constexpr const char* kAddToBatch = R"sql(
    INSERT INTO temp.pruned_batch
    SELECT seq, job_id, owner, queue, kind, status, reason, ended_at, attempt
    FROM jobs
    WHERE seq BETWEEN :first AND :last
      AND ended_at IS NOT NULL
      AND CASE
              WHEN retain_ms IS NOT NULL THEN expires_at <= :now
              WHEN status = 'done' THEN ended_at <= :done_by
              WHEN status = 'error' THEN ended_at <= :error_by
              ELSE ended_at <= :cancelled_by
          END
)sql";
constexpr const char* kBatchJobs = R"sql(
    SELECT seq, job_id, attempt
    FROM temp.pruned_batch
)sql";
constexpr const char* kLeaveTombstones = R"sql(
    INSERT OR REPLACE INTO tombstones
        (seq, job_id, owner, last_status, last_reason, ended_at, pruned_at)
    SELECT seq, job_id, owner, status, reason, ended_at, max(ended_at, :now)
    FROM temp.pruned_batch
)sql";

// What the triggers and foreign keys of the schema do for each deleted job, once for all of them.
constexpr const char* kDecrementCounters = R"sql(
    UPDATE counters
    SET jobs = counters.jobs - gone.jobs
    FROM (
        SELECT owner, queue, kind, status, count(*) AS jobs
        FROM temp.pruned_batch
        GROUP BY owner, queue, kind, status
    ) gone
    WHERE counters.owner = gone.owner
      AND counters.queue = gone.queue
      AND counters.kind = gone.kind
      AND counters.status = gone.status
)sql";
constexpr const char* kCountLabels = R"sql(
    INSERT INTO temp.pruned_labels
    SELECT d.owner, l.key, l.value, count(*)
    FROM temp.pruned_batch d
    CROSS JOIN labels l ON l.job_seq = d.seq
    GROUP BY l.key, l.value, d.owner
)sql";
constexpr const char* kDecrementLabelCounters = R"sql(
    UPDATE label_counters
    SET jobs = label_counters.jobs - gone.jobs
    FROM temp.pruned_labels gone
    WHERE label_counters.key = gone.key
      AND label_counters.value = gone.value
      AND label_counters.owner = gone.owner
)sql";
constexpr const char* kDropUnusedLabels = R"sql(
    DELETE FROM label_counters
    WHERE jobs = 0
      AND (key, value) IN (SELECT key, value FROM temp.pruned_labels)
)sql";
// The texts themselves go later, many at once: search.h.
constexpr const char* kDropTextsLater = R"sql(
    INSERT OR REPLACE INTO unindexed_texts (job_seq, too_long)
    SELECT seq, 0
    FROM temp.pruned_batch
    WHERE seq <= (SELECT indexed_to FROM job_texts_state)
)sql";
constexpr const char* kDropLabels = R"sql(
    DELETE FROM labels
    WHERE job_seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kDropEvents = R"sql(
    DELETE FROM events
    WHERE job_seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kDropAttempts = R"sql(
    DELETE FROM attempts
    WHERE job_seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kDropDependencies = R"sql(
    DELETE FROM dependencies
    WHERE job_seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kDropSpecs = R"sql(
    DELETE FROM job_specs
    WHERE job_seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kDropJobs = R"sql(
    DELETE FROM jobs
    WHERE seq IN (SELECT seq FROM temp.pruned_batch)
)sql";
constexpr const char* kClearLabels = R"sql(
    DELETE FROM temp.pruned_labels
)sql";
constexpr const char* kClearBatch = R"sql(
    DELETE FROM temp.pruned_batch
)sql";

/// In an order in which each statement still finds what it reads.
constexpr std::array kSteps = {kDecrementCounters, kCountLabels,    kDecrementLabelCounters,
                               kDropUnusedLabels,  kDropTextsLater, kDropLabels,
                               kDropEvents,        kDropAttempts,   kDropDependencies,
                               kDropSpecs,         kDropJobs,       kClearLabels};

/// Turns off the triggers and foreign keys of a connection while it lives.
class WithoutTriggers {
  public:
    explicit WithoutTriggers(Connection& connection) : handle_(connection.handle()) { turn(0); }
    WithoutTriggers(const WithoutTriggers&) = delete;
    WithoutTriggers& operator=(const WithoutTriggers&) = delete;
    ~WithoutTriggers() { turn(1); }

  private:
    void turn(int on) {
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, on, nullptr);
        sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, on, nullptr);
    }

    sqlite3* handle_;
};

void delete_all(Connection& connection, std::span<const PrunedJob> jobs, Time now) {
    // A newer schema may have triggers that this program does not know.
    if (connection.user_version() > connection.known_version()) {
        for (const PrunedJob& job : jobs)
            delete_with_tombstone(connection, job.seq, now);
        return;
    }
    const WithoutTriggers guard{connection};
    Query{connection, kLeaveTombstones}.bind("now", now).run();
    for (const char* step : kSteps)
        Query{connection, step}.run();
}

struct Range {
    std::int64_t first;
    std::int64_t last;
};

/// Takes consecutive numbers from the end of a descending list, at most `max`.
Range take_range(std::vector<std::int64_t>& seqs, std::size_t max) {
    Range range{seqs.back(), seqs.back()};
    seqs.pop_back();
    for (; max > 1 && !seqs.empty() && seqs.back() == range.last + 1; --max, seqs.pop_back())
        ++range.last;
    return range;
}

std::vector<PrunedJob> jobs_of_batch(Connection& connection) {
    std::vector<PrunedJob> jobs;
    Query query{connection, kBatchJobs};
    while (query.step()) {
        const std::int64_t seq = query.integer("seq");
        const JobId id = read_id(query.text("job_id"));
        jobs.push_back({id, seq, query.integer<int>("attempt")});
    }
    return jobs;
}

}  // namespace

void PruneList::fill(Connection& connection, const Retention& retention, Time now) {
    connection.execute(kSettings);
    retention_ = retention;
    seqs_ = expired_jobs(connection, retention, kMaxListed, now);
    std::ranges::sort(seqs_, std::ranges::greater{});
}

std::vector<PrunedJob> PruneList::prune(Connection& connection, int limit, Time now) {
    last_ = std::min({seqs_.size(), batch_, static_cast<std::size_t>(limit)});
    connection.execute(kCreateBatch);
    connection.execute(kCreateLabels);
    for (const std::size_t end = seqs_.size() - last_; seqs_.size() > end;) {
        const Range range = take_range(seqs_, seqs_.size() - end);
        Query{connection, kAddToBatch}
            .bind("first", range.first)
            .bind("last", range.last)
            .bind("now", now)
            .bind("done_by", now - retention_.of(Status::done))
            .bind("error_by", now - retention_.of(Status::error))
            .bind("cancelled_by", now - retention_.of(Status::cancelled))
            .run();
    }
    std::vector<PrunedJob> jobs = jobs_of_batch(connection);
    delete_all(connection, jobs, now);
    Query{connection, kClearBatch}.run();
    return jobs;
}

void PruneList::adapt(milliseconds held) {
    // At least half and at most twice as many: one slow commit says little.
    const double factor = std::clamp(
        static_cast<double>(kPruneHold.count())
            / static_cast<double>(std::max<std::int64_t>(held.count(), 1)),
        0.5, 2.0);
    const auto next = static_cast<std::size_t>(static_cast<double>(batch_) * factor);
    // A batch that was not full does not show that more can be done.
    if (factor < 1.0 || last_ == batch_) batch_ = std::max(next, kMinBatch);
}

}  // namespace atlasjob::sqlite
