#include "claim.h"

#include "database.h"

#include <stdlib.h>
#include <string.h>

/* The statements that finish a job bind ?1 = its job_id or seq and ?2 = now; those that look for the next
   job bind ?1 = now if they need it. */
struct FloorClaim {
    FloorDatabase database;
    int is_bare;
    int has_claim;
    char job_id[37];
    long long seq;
    sqlite3_stmt* insert;
    sqlite3_stmt* state;
    sqlite3_stmt* close_attempt;
    sqlite3_stmt* end;
    sqlite3_stmt* dependents;
    sqlite3_stmt* promote;
    sqlite3_stmt* pauses;
    sqlite3_stmt* best;
    sqlite3_stmt* open;
    sqlite3_stmt* attempt;
    sqlite3_stmt* labels;
    sqlite3_stmt* after;
    sqlite3_stmt* spec;
};

static const char kState[] =
    "SELECT j.seq, j.owner, j.status, j.verb, j.attempt, j.max_attempts, j.fence, j.lease_ms, "
    "j.lease_until, j.suspect_at, j.suspect_clock, j.suspect_uptime_ms, j.run_after, j.updated_at, j.retain_ms, j.backoff_ms, "
    "j.cancel_requested_at, j.cancel_text, j.key, j.has_command, j.queue, j.priority, "
    "j.open_dependencies, CASE WHEN a.outcome <> 'lost' THEN a.fence END, a.supervisor_pid, a.pid, "
    "a.result FROM jobs j LEFT JOIN attempts a ON a.job_seq = j.seq AND a.n = j.attempt "
    "WHERE j.job_id = ?1";
static const char kCloseAttempt[] =
    "UPDATE attempts SET ended_at = max(?2, started_at), outcome = 'done', reason = NULL, exit_code "
    "= 0, signal = NULL WHERE job_seq = ?1 AND n = 1";
static const char kEnd[] =
    "UPDATE jobs SET status = 'done', reason = NULL, verb = 'finish', actor = 'worker', updated_at = "
    "?2, ended_at = ?2, expires_at = ?2 + 604800000, result = NULL, error = NULL, error_code = NULL, "
    "exit_code = 0, signal = NULL, log_bytes = CASE 0 WHEN 0 THEN log_bytes ELSE 0 END, progress = "
    "1.0, lease_until = NULL, suspect_at = NULL, ready = 0, rev = rev + 1 WHERE seq = ?1";
static const char kDependents[] =
    "SELECT j.job_id FROM dependencies d JOIN jobs j ON j.seq = d.job_seq "
    "WHERE d.after_id = ?1 AND d.met = 0 AND j.status = 'queued' ORDER BY j.seq";
static const char kPromote[] =
    "UPDATE jobs SET ready = 1 WHERE status = 'queued' AND has_command = 1 AND ready = 0 "
    "AND open_dependencies = 0 AND held = 0 AND run_after <= ?1";
static const char kPauses[] = "SELECT queue FROM queues";
static const char kBest[] =
    "SELECT queue, priority, seq FROM jobs WHERE ready = 1 AND queue > ?1 "
    "ORDER BY queue, priority DESC, seq LIMIT 1";
static const char kOpen[] =
    "UPDATE jobs SET status = 'running', reason = NULL, verb = 'claim', actor = 'worker', attempt = "
    "attempt + 1, fence = fence + 1, max_attempts = max(max_attempts, attempt + 1), started_at = "
    "max(updated_at, ?2), updated_at = max(updated_at, ?2), lease_ms = 45000, lease_until = "
    "max(updated_at, ?2) + 45000, suspect_at = NULL, ready = 0, progress = NULL, phase = NULL, "
    "message = NULL, current = NULL, total = NULL, exit_code = NULL, signal = NULL, error_code = "
    "NULL, log_bytes = 0, rev = rev + 1 WHERE seq = ?1 RETURNING fence, seq, job_id, kind, name, "
    "target, owner, status, reason, progress, phase, message, current, total, created_at, run_after, "
    "started_at, updated_at, ended_at, expires_at, result, error, error_code, exit_code, signal, "
    "queue, priority, attempt, max_attempts, timeout_ms, retain_ms, cancel_requested_at, key, "
    "group_name, schedule, scheduled_for, account, host, frozen, lease_until, suspect_at, log_bytes, "
    "rev";
static const char kAttempt[] =
    "INSERT INTO attempts (job_seq, n, fence, started_at, schema_version, host, machine_id, boot_id, "
    "pid_namespace, time_namespace, supervisor_pid, supervisor_start) VALUES (?1, 1, 1, ?2, 10, "
    "'h1', '6d1f', '5f0c2b1e-1111-4222-8333-944455566677', 4026531836, 4026531834, 4711, 123456)";
static const char kLabels[] = "SELECT key, value FROM labels WHERE job_seq = ?1 ORDER BY key";
static const char kAfter[] =
    "SELECT after_id FROM dependencies WHERE job_seq = ?1 ORDER BY after_id";
static const char kSpec[] =
    "SELECT s.argv, s.cwd, s.environment, s.umask, s.result_from, s.log_limit_bytes, s.keep_strays, "
    "j.backoff_ms, s.on_end, s.progress_from, s.stdin FROM job_specs s JOIN jobs j ON j.seq = "
    "s.job_seq WHERE s.job_seq = ?1";

static const char kBareEnd[] =
    "UPDATE jobs SET state = 3, finished_ms = ?2, updated_ms = ?2, result = '{\"exit\":0}', "
    "lease_owner = NULL, lease_expires_ms = NULL WHERE id = ?1 AND state = 1";
static const char kBareClaim[] =
    "UPDATE jobs SET state = 1, attempts = attempts + 1, lease_owner = 'h1:4711', lease_expires_ms = "
    "?2 + 45000, updated_ms = ?2 WHERE id = (SELECT id FROM jobs WHERE state = 0 AND queue = "
    "'default' AND run_at_ms <= ?2 ORDER BY priority DESC, run_at_ms, id LIMIT 1) RETURNING id, "
    "payload";

FloorClaim* floor_claim_open_ledger(const char* path) {
    FloorClaim* floor = calloc(1, sizeof *floor);
    FloorDatabase* database = &floor->database;
    floor_database_open(database, path, NULL);
    floor->state = floor_prepare(database, kState);
    floor->close_attempt = floor_prepare(database, kCloseAttempt);
    floor->end = floor_prepare(database, kEnd);
    floor->dependents = floor_prepare(database, kDependents);
    floor->promote = floor_prepare(database, kPromote);
    floor->pauses = floor_prepare(database, kPauses);
    floor->best = floor_prepare(database, kBest);
    floor->open = floor_prepare(database, kOpen);
    floor->attempt = floor_prepare(database, kAttempt);
    floor->labels = floor_prepare(database, kLabels);
    floor->after = floor_prepare(database, kAfter);
    floor->spec = floor_prepare(database, kSpec);
    return floor;
}

FloorClaim* floor_claim_open_bare(const char* path) {
    FloorClaim* floor = calloc(1, sizeof *floor);
    floor->is_bare = 1;
    floor_database_open(&floor->database, path, kBareSchema);
    floor->insert = floor_prepare(&floor->database, kBareInsert);
    floor->end = floor_prepare(&floor->database, kBareEnd);
    floor->open = floor_prepare(&floor->database, kBareClaim);
    return floor;
}

void floor_claim_begin_fill(FloorClaim* floor) { floor_begin(&floor->database); }

void floor_claim_fill(FloorClaim* floor, const char* job_id, long long now_ms) {
    sqlite3_bind_text(floor->insert, 1, job_id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(floor->insert, 2, now_ms);
    floor_run(&floor->database, floor->insert);
}

void floor_claim_end_fill(FloorClaim* floor) { floor_commit(&floor->database); }

static void bind_and_run(FloorClaim* floor, sqlite3_stmt* statement, long long first, long long now_ms) {
    sqlite3_bind_int64(statement, 1, first);
    if (sqlite3_bind_parameter_count(statement) > 1) sqlite3_bind_int64(statement, 2, now_ms);
    floor_run(&floor->database, statement);
}

static void run_for_id(FloorClaim* floor, sqlite3_stmt* statement, long long now_ms) {
    sqlite3_bind_text(statement, 1, floor->job_id, -1, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(statement) > 1) sqlite3_bind_int64(statement, 2, now_ms);
    floor_run(&floor->database, statement);
}

/* Stores the id in `column` of the returned row; returns 0 if there is no row. */
static int open_claim(FloorClaim* floor, int column) {
    int result = sqlite3_step(floor->open);
    floor_check(&floor->database, result);
    floor->has_claim = result == SQLITE_ROW;
    if (floor->has_claim)
        strcpy(floor->job_id, (const char*)sqlite3_column_text(floor->open, column));
    floor_run(&floor->database, floor->open);
    return floor->has_claim;
}

static void finish(FloorClaim* floor, long long now_ms) {
    if (floor->is_bare) {
        run_for_id(floor, floor->end, now_ms);
        return;
    }
    run_for_id(floor, floor->state, now_ms);
    bind_and_run(floor, floor->close_attempt, floor->seq, now_ms);
    bind_and_run(floor, floor->end, floor->seq, now_ms);
    run_for_id(floor, floor->dependents, now_ms);
}

/* The best job of all queues, found as the store does: one probe per queue and one more. */
static long long best_job(FloorClaim* floor) {
    long long seq = 0;
    char queue[65] = "";
    for (;;) {
        sqlite3_bind_text(floor->best, 1, queue, -1, SQLITE_TRANSIENT);
        int result = sqlite3_step(floor->best);
        floor_check(&floor->database, result);
        if (result != SQLITE_ROW) break;
        strcpy(queue, (const char*)sqlite3_column_text(floor->best, 0));
        seq = sqlite3_column_int64(floor->best, 2);
        sqlite3_reset(floor->best);
    }
    sqlite3_reset(floor->best);
    return seq;
}

static int claim(FloorClaim* floor, long long now_ms) {
    if (floor->is_bare) {
        sqlite3_bind_int64(floor->open, 2, now_ms);
        return open_claim(floor, 0);
    }
    bind_and_run(floor, floor->promote, now_ms, 0);
    floor_run(&floor->database, floor->pauses);
    floor->seq = best_job(floor);
    if (floor->seq == 0) return floor->has_claim = 0;
    sqlite3_bind_int64(floor->open, 1, floor->seq);
    sqlite3_bind_int64(floor->open, 2, now_ms);
    open_claim(floor, 2);
    bind_and_run(floor, floor->attempt, floor->seq, now_ms);
    bind_and_run(floor, floor->labels, floor->seq, now_ms);
    bind_and_run(floor, floor->after, floor->seq, now_ms);
    bind_and_run(floor, floor->spec, floor->seq, now_ms);
    return 1;
}

int floor_finish_and_claim(FloorClaim* floor, long long now_ms) {
    floor_begin(&floor->database);
    if (floor->has_claim) finish(floor, now_ms);
    int claimed = claim(floor, now_ms);
    floor_commit(&floor->database);
    return claimed;
}

void floor_claim_close(FloorClaim* floor) {
    floor_database_close(&floor->database);
    free(floor);
}
