#include "bench/bench_jobs.h"
#include "ledger/address_files.h"
#include "store/open.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <fmt/format.h>

#include <cstdlib>

// fill_ledger LEDGER ROWS: creates a ledger with the real schema and ROWS realistic jobs. It writes
// the rows with plain SQL and without syncing; no other process may have the ledger open. 20 kinds,
// 4 queues, 2 owners ("bench" has 10 of 11), 1 of 20 in error, a few running; each job has a unique
// name, a command, a message and two labels (env with 2 values, host with 100).

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

constexpr const char* kJob =
    "INSERT INTO jobs (job_id, kind, name, owner, status, verb, actor, progress, phase, message, "
    "current, total, created_at, started_at, updated_at, ended_at, expires_at, queue, priority, "
    "attempt, max_attempts, fence, has_command, exit_code, log_bytes, rev, target, result, error, "
    "error_code) "
    "SELECT ?1, 'kind' || (n % 20), printf('file %07d', n), iif(n % 11, 'bench', 'other'), status, "
    "'submit', 'bench', progress, 'embedding', iif(n % 20, '711/711', 'stopped at 12/711'), 711, "
    "711, at, at + 12, at + 1234 + n % 5000, ended_at, ended_at + 604800000, "
    "'queue' || (n % 4), 0, 1, 1, 1, 1, iif(status = 'error', 3, 0), 10240, 4, "
    "'{\"channel_id\":\"C0ENG\"}', iif(status = 'done', '{\"files\":711}', NULL), "
    "iif(status = 'error', 'command exited with 3', NULL), "
    "iif(status = 'error', 'exit_code', NULL) "
    "FROM (SELECT *, iif(status = 'running', NULL, at + 1234 + n % 5000) AS ended_at, "
    "iif(status = 'done', 1.0, 0.4) AS progress FROM (SELECT ?2 AS n, ?3 AS at, CASE WHEN ?2 % "
    "50000 = 7 THEN 'running' WHEN ?2 % 20 = 0 THEN 'error' ELSE 'done' END AS status))";
constexpr const char* kSpec =
    "INSERT INTO job_specs (job_seq, argv, cwd, environment, umask, result_from, keep_strays) "
    "VALUES (?1, CAST(printf('./convert%s/srv/in/%07d.wav%s', char(0), ?1, char(0)) AS BLOB), "
    "CAST('/srv/app' AS BLOB), CAST('PATH=/usr/bin' || char(0) AS BLOB), 18, 'report', 0)";
constexpr const char* kAttempt =
    "INSERT INTO attempts (job_seq, n, fence, host, machine_id, boot_id, pid_namespace, "
    "time_namespace, supervisor_pid, supervisor_start, pid, process_start, started_at, ended_at, "
    "exit_code, outcome, error, error_code) "
    "SELECT seq, 1, 1, 'h1', '6d1f', '5f0c2b1e-1111-4222-8333-944455566677', 4026531836, "
    "4026531834, 4710, 1, 4711, 2, "
    "started_at, ended_at, iif(ended_at IS NULL, NULL, 0), iif(ended_at IS NULL, NULL, status), "
    "error, error_code FROM jobs WHERE seq = ?1";
constexpr const char* kLabels =
    "INSERT INTO labels (job_seq, key, value) VALUES (?1, 'env', iif(?1 % 2, 'prod', 'test')), "
    "(?1, 'host', 'host' || (?1 % 100))";

constexpr const char* kEvents =
    "INSERT INTO events (job_seq, at, type, from_status, to_status, actor) "
    "SELECT seq, started_at, 'claim', 'queued', 'running', 'bench' FROM jobs WHERE seq = ?1 "
    "UNION ALL SELECT seq, ended_at, 'finish', 'running', status, 'bench' FROM jobs "
    "WHERE seq = ?1 AND ended_at IS NOT NULL";

constexpr std::int64_t kFirst = 1'760'000'000'000;

void fill(SQLite::Database& database, std::int64_t rows) {
    SQLite::Statement job{database, kJob};
    SQLite::Statement spec{database, kSpec};
    SQLite::Statement attempt{database, kAttempt};
    SQLite::Statement labels{database, kLabels};
    SQLite::Statement events{database, kEvents};
    for (std::int64_t i = 0; i < rows; ++i) {
        job.bind(1, bench_job_id(static_cast<std::uint64_t>(i)));
        job.bind(2, i + 1);
        job.bind(3, kFirst + i / 100);
        for (SQLite::Statement* statement : {&spec, &attempt, &labels, &events})
            statement->bind(1, i + 1);
        for (SQLite::Statement* statement : {&job, &spec, &attempt, &labels, &events}) {
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
    const auto location = parse_address(argv[1]);
    open_store(location, OpenMode::create);
    SQLite::Database database{LedgerFiles::of(location).path, SQLite::OPEN_READWRITE};
    database.exec(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; "
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN");
    fill(database, std::strtoll(argv[2], nullptr, 10));
    database.exec("COMMIT; PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL");
    open_store(location, OpenMode::create)->optimize();
    return 0;
}
