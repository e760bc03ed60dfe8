#include "bench/bench_jobs.h"
#include "store/open.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>

#include <cstdlib>

// fill_ledger LEDGER ROWS: a ledger of the real schema with so many jobs that have ended, quickly:
// the rows are written with plain SQL and without syncing. Nobody else may have it open.

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

constexpr const char* kJob =
    "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, progress, phase, message, "
    "current, "
    "total, created_at, started_at, updated_at, ended_at, expires_at, queue, priority, attempt, "
    "max_attempts, fence, has_command, exit_code, log_bytes, rev, target, result) VALUES (?1, "
    "'sync', 'bench', 'done', 'submit', 'bench', 1.0, 'embedding', '711/711', 711, 711, ?2, ?2 + "
    "12, "
    "?2 + 1234, ?2 + 1234, ?2 + 604801234, 'default', 0, 1, 1, 1, 1, 0, 10240, 4, "
    "'{\"channel_id\":\"C0ENG\"}', '{\"files\":711,\"lines\":73123}')";
constexpr const char* kSpec =
    "INSERT INTO job_specs (job_seq, argv, cwd, environment, umask, result_from, keep_strays) "
    "VALUES (last_insert_rowid(), CAST('./sync.sh' || char(0) AS BLOB), CAST('/srv/app' AS BLOB), "
    "CAST('PATH=/usr/bin' || char(0) AS BLOB), 18, 'report', 0)";
constexpr const char* kAttempt =
    "INSERT INTO attempts (job_seq, n, fence, host, boot_id, pid_namespace, supervisor_pid, "
    "supervisor_start, pid, process_start, started_at, ended_at, exit_code, outcome) "
    "SELECT seq, 1, 1, 'h1', '5f0c2b1e-1111-4222-8333-944455566677', 4026531836, 4710, 1, 4711, 2, "
    "started_at, ended_at, 0, 'done' FROM jobs ORDER BY seq DESC LIMIT 1";

void fill(SQLite::Database& database, std::uint64_t rows) {
    SQLite::Statement job{database, kJob};
    SQLite::Statement spec{database, kSpec};
    SQLite::Statement attempt{database, kAttempt};
    for (std::uint64_t i = 0; i < rows; ++i) {
        job.bind(1, bench_job_id(i));
        job.bind(2, static_cast<std::int64_t>(1'760'000'000'000 + i / 100));
        for (SQLite::Statement* statement : {&job, &spec, &attempt}) {
            statement->exec();
            statement->reset();
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        fmt::print(stderr, "fill_ledger LEDGER ROWS\n");
        return 2;
    }
    const auto location = locate_ledger(argv[1]);
    open_store(location, OpenMode::write);
    SQLite::Database database{location.path, SQLite::OPEN_READWRITE};
    database.exec(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; "
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN");
    fill(database, std::strtoull(argv[2], nullptr, 10));
    database.exec("COMMIT; PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL");
    return 0;
}
