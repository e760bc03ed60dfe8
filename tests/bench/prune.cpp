#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_jobs.h"
#include "bench/program.h"
#include "bench/sample.h"
#include "ledger/address_files.h"
#include "store/open.h"
#include "support/child.h"
#include "support/shared_counts.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

// prune LEDGER COPY PROGRAM: deletes the ended jobs of two equal ledgers of fill_ledger, which are
// used up: in COPY with plain SQL, without triggers, 500 jobs a transaction (the floor); in LEDGER
// with `PROGRAM gc`, beside two processes that submit. Prints rows per second and processor time
// per row of both, and how long a submit took at most, before gc and beside it.

using namespace atlasjob;
using namespace atlasjob::test;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kWriters = 2;
constexpr int kBatch = 500;
constexpr std::chrono::seconds kBefore{3};

struct Cost {
    std::int64_t rows = 0;
    double seconds = 0;
    double cpu_seconds = 0;

    void print(const char* what) const {
        const auto count = static_cast<double>(rows);
        fmt::print(
            "{:<24} {:9.0f} rows/s  {:6.1f} us of CPU a row\n", what, count / seconds,
            cpu_seconds * 1e6 / count);
    }
};

double cpu_seconds(int who) {
    rusage usage{};
    getrusage(who, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t number(SQLite::Database& database, const std::string& sql) {
    SQLite::Statement statement{database, sql};
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

void drop_triggers(SQLite::Database& database) {
    std::vector<std::string> names;
    SQLite::Statement triggers{database, "SELECT name FROM sqlite_schema WHERE type = 'trigger'"};
    while (triggers.executeStep())
        names.push_back(triggers.getColumn(0).getString());
    triggers.reset();
    for (const std::string& name : names)
        database.exec("DROP TRIGGER " + name);
}

/// Deletes the same rows of the same tables, and nothing else: no tombstones, no counters.
Cost delete_plainly(const std::string& path) {
    static constexpr std::array kDeletes = {
        "DELETE FROM job_texts WHERE rowid >= ?1 AND rowid < ?2",
        "DELETE FROM labels WHERE job_seq >= ?1 AND job_seq < ?2",
        "DELETE FROM events WHERE job_seq >= ?1 AND job_seq < ?2",
        "DELETE FROM attempts WHERE job_seq >= ?1 AND job_seq < ?2",
        "DELETE FROM job_specs WHERE job_seq >= ?1 AND job_seq < ?2",
        "DELETE FROM jobs WHERE seq >= ?1 AND seq < ?2"};
    SQLite::Database database{path, SQLite::OPEN_READWRITE};
    drop_triggers(database);
    database.exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384");
    std::vector<SQLite::Statement> deletes;
    for (const char* sql : kDeletes)
        deletes.emplace_back(database, sql);
    Cost cost;
    cost.rows = number(database, "SELECT max(seq) FROM jobs");
    const auto start = steady_clock::now();
    const double cpu = cpu_seconds(RUSAGE_SELF);
    for (std::int64_t from = 1; from <= cost.rows; from += kBatch) {
        database.exec("BEGIN IMMEDIATE");
        for (SQLite::Statement& statement : deletes) {
            statement.bind(1, from);
            statement.bind(2, from + kBatch);
            statement.exec();
            statement.reset();
        }
        database.exec("COMMIT");
    }
    cost.seconds = us_since(start) / 1e6;
    cost.cpu_seconds = cpu_seconds(RUSAGE_SELF) - cpu;
    return cost;
}

/// Processes that submit jobs until `phase` is 2, and note their longest wait in each phase.
struct Submitters {
    int submit(std::size_t writer) {
        const auto store = open_store(parse_address(path), OpenMode::write);
        for (std::int64_t now = 0; (now = phase[0]) < 2;) {
            const auto start = steady_clock::now();
            store->submit(bench_job(SystemClock{}.now()));
            auto& longest = longest_us[static_cast<std::size_t>(now) * kWriters + writer];
            longest = std::max<std::int64_t>(longest, static_cast<std::int64_t>(us_since(start)));
            ++submits[static_cast<std::size_t>(now)];
        }
        return 0;
    }
    void print(const char* when, std::size_t in_phase) {
        const std::int64_t longest = std::max<std::int64_t>(
            longest_us[in_phase * kWriters], longest_us[in_phase * kWriters + 1]);
        fmt::print(
            "{:<24} {:9} submits, the slowest took {:.1f} ms\n", when, submits[in_phase].load(),
            static_cast<double>(longest) / 1000);
    }

    std::string path;
    SharedCounts<1> phase;
    SharedCounts<2 * kWriters> longest_us;
    SharedCounts<2> submits;
};

Cost collect_garbage(const std::string& path, const std::string& program) {
    Cost cost;
    {
        SQLite::Database database{path, SQLite::OPEN_READONLY};
        cost.rows = number(database, "SELECT count(*) FROM jobs WHERE ended_at IS NOT NULL");
    }
    const auto start = steady_clock::now();
    const double cpu = cpu_seconds(RUSAGE_CHILDREN);
    await_success(start_program({program, "--ledger", path, "gc"}));
    cost.seconds = us_since(start) / 1e6;
    cost.cpu_seconds = cpu_seconds(RUSAGE_CHILDREN) - cpu;
    return cost;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        fmt::print(stderr, "prune LEDGER COPY PROGRAM\n");
        return 2;
    }
    setenv("ATLASJOB_ON_DEMAND_WORKER", "false", 1);
    delete_plainly(argv[2]).print("floor, plain deletes");
    Submitters submitters;
    submitters.path = argv[1];
    std::vector<Child> writers;
    for (std::size_t i = 0; i < kWriters; ++i)
        writers.emplace_back([&, i] { return submitters.submit(i); });
    const auto start = steady_clock::now();
    while (steady_clock::now() - start < kBefore)
        poll(nullptr, 0, 100);
    submitters.phase[0] = 1;
    const Cost cost = collect_garbage(argv[1], argv[3]);
    submitters.phase[0] = 2;
    for (Child& writer : writers)
        if (writer.wait().code != 0) return 1;
    cost.print("atlasjob gc");
    submitters.print("before gc", 0);
    submitters.print("beside gc", 1);
    return 0;
}
