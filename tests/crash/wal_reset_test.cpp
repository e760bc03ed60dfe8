#include "crash/pausing_vfs.h"
#include "store/open.h"
#include "store/sqlite/connection/connection.h"
#include "store/sqlite/health.h"
#include "support/fake_clock.h"
#include "support/job_factory.h"
#include "support/ledger_audit.h"
#include "support/temp_dir.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <sched.h>
#include <sys/stat.h>

#include <thread>

// The WAL-reset bug of SQLite 3.7.0 to 3.51.2 (sqlite.org/wal.html): a checkpoint has copied the
// whole WAL. A second one starts and reads the WAL header. Before it gets its lock, a commit
// restarts the WAL. The second checkpoint then treats the frames of the new WAL as already copied,
// so they never are. Later commits are acknowledged and lost.

using namespace atlasjob;
using namespace atlasjob::test;
using sqlite::Connection;

namespace {

int checkpoint(sqlite3* database, int mode = SQLITE_CHECKPOINT_PASSIVE) {
    return sqlite3_wal_checkpoint_v2(database, nullptr, mode, nullptr, nullptr);
}

/// Writes like a program that follows SQLite's documentation: in WAL mode, with checkpoints at any
/// time.
class NaiveTable {
  public:
    explicit NaiveTable(const std::string& path)
        : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        database_.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
        database_.exec(
            "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, k, filling); "
            "CREATE INDEX IF NOT EXISTS t_by_k ON t (k)");
        count();
    }

    void insert(int rows, int seed) {
        database_.exec(
            "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < "
            + std::to_string(rows) + ") INSERT INTO t (k, filling) SELECT (i * 7919 + "
            + std::to_string(seed) + ") % 100003, randomblob(300) FROM s");
    }
    int count() { return database_.execAndGet("SELECT count(*) FROM t NOT INDEXED").getInt(); }
    sqlite3* handle() { return database_.getHandle(); }

  private:
    SQLite::Database database_;
};

/// Whether a process is waiting for a lock on `path`.
bool has_waiter(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    const std::string inode = ":" + std::to_string(status.st_ino) + " ";
    const std::string locks = read_file("/proc/locks").value_or("");
    for (std::size_t at = locks.find("-> FLOCK"); at != std::string::npos;
         at = locks.find("-> FLOCK", at + 1)) {
        const std::string line = locks.substr(at, locks.find('\n', at) - at);
        if (line.find(inode) != std::string::npos) return true;
    }
    return false;
}

struct ResetCase {
    /// Submits `count` jobs in one commit.
    void submit(Store& store, int count) {
        std::vector<NewJob> batch;
        for (int i = 0; i < count; ++i) {
            NewJob job{JobId::make(clock.now())};
            job.owner = "alice";
            job.target = '"' + std::string(300, 'x') + '"';
            batch.push_back(job);
        }
        store.submit_all(batch);
        acknowledged += count;
    }
    void checkpoint_under_lock(Connection& connection, int mode = SQLITE_CHECKPOINT_PASSIVE) {
        const auto hold = connection.writer_lock().enter();
        CHECK(checkpoint(connection.handle(), mode) == SQLITE_OK);
    }
    std::unique_ptr<Connection> connect() {
        return sqlite::open_ledger(
            path, Connection::Mode::create, sqlite::all_migrations(), clock.now());
    }

    TempDir dir;
    FakeClock clock;
    std::string path = dir / "ledger.db";
    std::int64_t acknowledged = 0;
};

}  // namespace

TEST_CASE("without the writer lock a commit next to a checkpoint loses acknowledged rows") {
    if (!sqlite::has_wal_reset_bug(sqlite3_libversion_number())) {
        WARN("skipped: SQLite " << sqlite3_libversion() << " does not have the bug");
        return;
    }
    const TempDir dir;
    const std::string path = dir / "naive.db";
    int found = 0;
    {
        PausingVfs vfs;
        NaiveTable writer{path};
        NaiveTable second{path};
        NaiveTable first{path};
        writer.insert(400, 0);
        REQUIRE(checkpoint(first.handle()) == SQLITE_OK);
        vfs.arm([&] { writer.insert(3, 1); });
        REQUIRE(checkpoint(second.handle()) == SQLITE_OK);
        REQUIRE(vfs.fired());
        writer.insert(120, 50'000);
        writer.insert(400, 70'000);
        checkpoint(first.handle(), SQLITE_CHECKPOINT_TRUNCATE);
    }
    try {
        found = NaiveTable{path}.count();
    } catch (const SQLite::Exception&) {
        found = -1;  // too damaged to be counted
    }
    CHECK(found < 923);
}

TEST_CASE_METHOD(
    ResetCase, "with the writer lock a commit waits for a checkpoint and nothing is lost") {
    {
        PausingVfs vfs;
        const auto writer = open_store(parse_address(path), OpenMode::create);
        const auto second = connect();
        const auto first = connect();
        submit(*writer, 400);
        checkpoint_under_lock(*first);

        std::atomic<bool> committed = false;
        std::thread other;
        vfs.arm([&] {
            other = std::thread{[&] {
                submit(*writer, 3);
                committed = true;
            }};
            // It either commits within the window (a fault) or waits for the lock.
            while (!committed && !has_waiter(path + ".gate"))
                ::sched_yield();
            CHECK_FALSE(committed);
        });
        checkpoint_under_lock(*second);
        REQUIRE(vfs.fired());
        other.join();
        CHECK(committed);

        submit(*writer, 120);
        submit(*writer, 400);
        checkpoint_under_lock(*first, SQLITE_CHECKPOINT_TRUNCATE);
    }
    const auto reader = open_store(parse_address(path), OpenMode::read);
    CHECK(acknowledged == 923);
    CHECK(reader->list({}, {"root", true}).total == acknowledged);
    CHECK(contradictions(path).empty());
}

TEST_CASE("SQLite versions with the WAL-reset bug are recognized") {
    for (const int version : {3'007'000, 3'040'001, 3'044'005, 3'045'000, 3'050'006, 3'051'002})
        CHECK(sqlite::has_wal_reset_bug(version));
    for (const int version : {3'006'023, 3'044'006, 3'050'007, 3'051'003, 3'053'000})
        CHECK_FALSE(sqlite::has_wal_reset_bug(version));
}
