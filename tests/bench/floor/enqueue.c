#include "enqueue.h"

#include "database.h"

#include <stdlib.h>

struct FloorEnqueue {
    FloorDatabase database;
    sqlite3_stmt* job; /* binds ?1 job_id and ?2 now */
    sqlite3_stmt* spec;
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

static FloorEnqueue* open_enqueue(const char* path, const char* schema) {
    FloorEnqueue* floor = calloc(1, sizeof *floor);
    floor_database_open(&floor->database, path, schema);
    return floor;
}

FloorEnqueue* floor_open_ledger(const char* path) {
    FloorEnqueue* floor = open_enqueue(path, NULL);
    floor->job = floor_prepare(&floor->database, kJob);
    floor->spec = floor_prepare(&floor->database, kSpec);
    return floor;
}

FloorEnqueue* floor_open_bare(const char* path) {
    FloorEnqueue* floor = open_enqueue(path, kBareSchema);
    floor->job = floor_prepare(&floor->database, kBareInsert);
    return floor;
}

void floor_submit(FloorEnqueue* floor, const char* job_id, long long now_ms) {
    floor_begin(&floor->database);
    sqlite3_bind_text(floor->job, 1, job_id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(floor->job, 2, now_ms);
    floor_run(&floor->database, floor->job);
    if (floor->spec) floor_run(&floor->database, floor->spec);
    floor_commit(&floor->database);
}

void floor_close(FloorEnqueue* floor) {
    floor_database_close(&floor->database);
    free(floor);
}
