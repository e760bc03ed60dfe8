#include "enqueue.h"

#include "gate.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kMostRows = 2 };

struct FloorEnqueue {
    sqlite3* database;
    sqlite3_stmt* begin;
    sqlite3_stmt* commit;
    sqlite3_stmt* rows[kMostRows]; /* the first binds ?1 job_id and ?2 now */
    int row_count;
    int gate;
};

static const char kJob[] =
    "INSERT INTO jobs (job_id, kind, owner, status, verb, actor, created_at, run_after, updated_at, "
    "queue, priority, max_attempts, lease_ms, timeout_ms, retain_ms, backoff_ms, key, has_command, "
    "ready, name, target, attempt, fence, started_at, lease_until) "
    "VALUES (?1, 'command', 'bench', 'queued', 'submit', 'bench', ?2, NULL, ?2, 'default', 0, 1, "
    "NULL, NULL, NULL, NULL, NULL, 1, 1, NULL, '{\"channel_id\":\"C0ENG\"}', 0, 0, NULL, NULL)";
static const char kSpec[] =
    "INSERT INTO job_specs (job_seq, argv, cwd, environment, umask, result_from, log_limit_bytes, "
    "keep_strays) VALUES (last_insert_rowid(), x'6D616B65002D6A3800', x'2F7372762F617070', "
    "x'504154483D2F7573722F62696E00', 18, 'report', NULL, 0)";

static const char kBareSchema[] =
    "CREATE TABLE jobs (id TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL, queue TEXT NOT NULL, "
    "kind TEXT NOT NULL, priority INTEGER NOT NULL, attempts INTEGER NOT NULL, max_attempts INTEGER "
    "NOT NULL, payload TEXT NOT NULL, result TEXT, error TEXT, idem_key TEXT, lease_owner TEXT, "
    "lease_expires_ms INTEGER, run_at_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms "
    "INTEGER NOT NULL, finished_ms INTEGER) STRICT;"
    "CREATE INDEX ready ON jobs (queue, priority DESC, run_at_ms, id) WHERE state = 0;"
    "CREATE UNIQUE INDEX idem ON jobs (idem_key) WHERE idem_key IS NOT NULL;"
    "CREATE INDEX finished ON jobs (finished_ms) WHERE finished_ms IS NOT NULL;";
static const char kBareJob[] =
    "INSERT INTO jobs (id, state, queue, kind, priority, attempts, max_attempts, payload, run_at_ms, "
    "created_ms, updated_ms) VALUES (?1, 0, 'default', 'command', 0, 0, 1, "
    "'{\"argv\":[\"make\",\"-j8\"],\"cwd\":\"/srv/app\",\"env\":{\"PATH\":\"/usr/bin\"}}', ?2, ?2, ?2)";

static void check(FloorEnqueue* floor, int result) {
    if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW) return;
    fprintf(stderr, "floor: SQLite %d: %s\n", result, sqlite3_errmsg(floor->database));
    exit(1);
}

static sqlite3_stmt* prepare(FloorEnqueue* floor, const char* sql) {
    sqlite3_stmt* statement = NULL;
    check(floor, sqlite3_prepare_v2(floor->database, sql, -1, &statement, NULL));
    return statement;
}

static FloorEnqueue* open_database(const char* path) {
    FloorEnqueue* floor = calloc(1, sizeof *floor);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    check(floor, sqlite3_open_v2(path, &floor->database, flags, NULL));
    check(floor, sqlite3_exec(floor->database,
                              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                              "PRAGMA foreign_keys = ON",
                              NULL, NULL, NULL));
    floor->gate = floor_gate_open(path);
    return floor;
}

static void prepare_transaction(FloorEnqueue* floor) {
    floor->begin = prepare(floor, "BEGIN IMMEDIATE");
    floor->commit = prepare(floor, "COMMIT");
}

FloorEnqueue* floor_open_ledger(const char* path) {
    FloorEnqueue* floor = open_database(path);
    prepare_transaction(floor);
    floor->rows[floor->row_count++] = prepare(floor, kJob);
    floor->rows[floor->row_count++] = prepare(floor, kSpec);
    return floor;
}

FloorEnqueue* floor_open_bare(const char* path) {
    FloorEnqueue* floor = open_database(path);
    check(floor, sqlite3_exec(floor->database, kBareSchema, NULL, NULL, NULL));
    prepare_transaction(floor);
    floor->rows[floor->row_count++] = prepare(floor, kBareJob);
    return floor;
}

static void run(FloorEnqueue* floor, sqlite3_stmt* statement) {
    check(floor, sqlite3_step(statement));
    check(floor, sqlite3_reset(statement));
}

void floor_submit(FloorEnqueue* floor, const char* job_id, long long now_ms) {
    floor_gate_enter(floor->gate);
    run(floor, floor->begin);
    sqlite3_bind_text(floor->rows[0], 1, job_id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(floor->rows[0], 2, now_ms);
    for (int i = 0; i < floor->row_count; ++i) run(floor, floor->rows[i]);
    run(floor, floor->commit);
    floor_gate_leave(floor->gate);
}

void floor_close(FloorEnqueue* floor) {
    sqlite3_finalize(floor->begin);
    sqlite3_finalize(floor->commit);
    for (int i = 0; i < floor->row_count; ++i) sqlite3_finalize(floor->rows[i]);
    sqlite3_close(floor->database);
    free(floor);
}
