#include "store/ledger_case.h"
#include "store/sqlite/queries/search.h"
#include "support/ledger_audit.h"
#include "support/random_ledger.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>

#include <algorithm>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

namespace {

constexpr Retention kNothing{.done = 0ms, .error = 0ms, .cancelled = 0ms};

/// So many jobs that have ended, named "nightly".
std::string ended_jobs(int count) {
    constexpr const char* kInsert = R"sql(
        WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {})
        INSERT INTO jobs (
            job_id, kind, owner, status, verb, actor, progress, created_at, started_at, updated_at,
            ended_at, expires_at, queue, priority, attempt, max_attempts, fence, has_command, name)
        SELECT
            printf('%08d-0000-7000-8000-000000000000', i), 'sync', 'alice', 'done', 'submit', 'x',
            1.0, 0, 0, i, i, i, 'default', 0, 1, 1, 1, 0, 'nightly'
        FROM n
    )sql";
    return fmt::format(kInsert, count - 1);
}

/// Each of them with a label of its own.
constexpr const char* kLabels =
    "INSERT INTO labels (job_seq, key, value) SELECT seq, 'file', job_id FROM jobs";

/// A clock that moves on with every reading, as on a machine where everything takes long.
class SlowClock final : public Clock {
  public:
    explicit SlowClock(milliseconds step) : step_(step) {}

    [[nodiscard]] Time now() const override { return from_ms(FakeClock::kStartMs); }
    [[nodiscard]] ClockReading read() const override {
        uptime_ += step_;
        return {now(), "slow", uptime_};
    }

  private:
    milliseconds step_;
    mutable milliseconds uptime_{0};
};

struct PruneListCase : LedgerCase {
    void fill() const {
        { const auto store = open(); }
        plain_database().exec(ended_jobs(1000));
        plain_database().exec(kLabels);
    }
    /// The sizes of the batches in which all jobs are pruned.
    std::vector<std::size_t> batches(const Clock& slow) const {
        const auto store = open_store(parse_address(path), OpenMode::write, slow);
        std::vector<std::size_t> sizes;
        for (;;) {
            sizes.push_back(store->prune(kNothing, 2000).size());
            if (sizes.back() == 0) return sizes;
        }
    }
};

/// Every row of every table, a line each.
std::string all_rows(const std::string& ledger) {
    SQLite::Database database{ledger, SQLite::OPEN_READONLY};
    std::vector<std::string> tables;
    SQLite::Statement names{
        database,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%' AND "
        "name NOT LIKE 'job_texts_%' ORDER BY name"};
    while (names.executeStep())
        tables.push_back(names.getColumn(0).getString());
    std::string text;
    for (const std::string& table : tables) {
        std::vector<std::string> lines;
        SQLite::Statement rows{database, "SELECT * FROM " + table};
        while (rows.executeStep()) {
            std::string line = table;
            for (int i = 0; i < rows.getColumnCount(); ++i)
                line += '|' + rows.getColumn(i).getString();
            lines.push_back(line);
        }
        std::ranges::sort(lines);
        for (const std::string& line : lines)
            text += line + '\n';
    }
    return text;
}

void remove_each(Store& store, const std::vector<JobId>& ids) {
    for (const JobId& id : ids)
        store.remove(id);
    store.optimize();
}

std::vector<JobId> prune_all(Store& store) {
    std::vector<JobId> ids;
    for (;;) {
        const auto pruned = store.prune(kNothing, 50);
        if (pruned.empty()) break;
        for (const PrunedJob& job : pruned)
            ids.push_back(job.job_id);
    }
    store.optimize();
    return ids;
}

}  // namespace

TEST_CASE_METHOD(PruneListCase, "pruning leaves what removing the same jobs one by one leaves") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    const std::string copy = dir / "copy.db";
    {
        const auto store = open();
        RandomLedger ledger{*store, clock, seed};
        ledger.add(60);
        store->optimize();
        ledger.add(10);  // Not in the text index.
    }
    std::filesystem::copy_file(path, copy);
    clock.advance(24h);
    std::vector<JobId> pruned;
    { pruned = prune_all(*open()); }
    REQUIRE(pruned.size() > 10);
    remove_each(*open_store(parse_address(copy), OpenMode::write, clock), pruned);
    CHECK(all_rows(path) == all_rows(copy));
    CHECK(contradictions(path).empty());
    for (const Finding& found : open(OpenMode::read)->check_health(true)) {
        INFO(found.subject << ": " << found.text);
        CHECK(found.level != Finding::Level::problem);
    }
}

TEST_CASE_METHOD(PruneListCase, "the texts of pruned jobs are found no more and dropped in time") {
    { const auto store = open(); }
    plain_database().exec(ended_jobs(sqlite::kTextsAtOnce + 500));
    const auto store = open();
    store->optimize();
    ListQuery request;
    request.filter.search = "nightly";
    REQUIRE(store->list(request, kAdmin).total == sqlite::kTextsAtOnce + 500);
    const auto count = [&](const char* sql) {
        SQLite::Database database{path, SQLite::OPEN_READONLY};
        return database.execAndGet(sql).getInt();
    };
    while (!store->prune(kNothing, 2000).empty())
        CHECK(count("SELECT count(*) FROM unindexed_texts") < sqlite::kTextsAtOnce);
    CHECK(store->list(request, kAdmin).total == 0);
    store->optimize();
    CHECK(count("SELECT count(*) FROM unindexed_texts") == 0);
    CHECK(count("SELECT count(*) FROM job_texts") == 0);
}

TEST_CASE_METHOD(PruneListCase, "the schema guards jobs again after some were pruned") {
    fill();
    const auto store = open();
    REQUIRE_FALSE(store->prune(kNothing, 10).empty());
    JobFactory jobs{*store, clock};
    const JobId id = jobs.in(Status::done).job_id;
    CHECK(jobs.events(id).size() > 1);
    const auto counts = store->count(kAdmin);
    CHECK(std::ranges::count(counts, Status::done, &Count::status) == 2);  // Two kinds.
    store->remove(id);
    CHECK(jobs.events(id).empty());
    CHECK(store->count(kAdmin).size() == 1);
}

TEST_CASE_METHOD(PruneListCase, "batches of pruned jobs shrink while they hold the lock too long") {
    fill();
    SECTION("quick") {
        CHECK(batches(SlowClock{0ms}) == std::vector<std::size_t>{128, 256, 512, 104, 0});
    }
    SECTION("slow") {
        const auto sizes = batches(SlowClock{40ms});
        REQUIRE(sizes.size() > 4);
        CHECK(sizes[0] == 128);
        CHECK(sizes[1] == 64);
        CHECK(sizes[2] == 32);
        CHECK(*std::ranges::min_element(sizes.begin(), sizes.end() - 2) == 16);
    }
}

TEST_CASE_METHOD(PruneListCase, "a job retried after its batch was listed is not pruned") {
    fill();
    const auto store = open();
    REQUIRE(store->prune(kNothing, 1).size() == 1);
    const auto second = store->get(JobRef{JobRef::Kind::seq, 2, {}}, kAdmin, Detail::summary);
    REQUIRE(second);
    open()->retry(second->job_id, "alice");
    while (!store->prune(kNothing, 2000).empty()) {
    }
    CHECK(store->list({}, kAdmin).total == 1);
    CHECK(
        store->get(JobRef::of(second->job_id), kAdmin, Detail::summary)->status == Status::queued);
}
