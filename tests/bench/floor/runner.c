// A minimal runner of queued commands: posix_spawn, wait, and one durable commit per job that finishes it
// and claims the next. No supervision, no output, no history.
//   floor_runner FILE JOBS SLOTS COMMAND: creates FILE with JOBS queued jobs, runs them and prints the
//   time in ms.
#include <sqlite3.h>

#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char** environ;

enum { kMaxSlots = 64 };

static const char* const kTable =
    "CREATE TABLE jobs (seq INTEGER PRIMARY KEY, queue TEXT NOT NULL, priority INTEGER NOT NULL, "
    "status INTEGER NOT NULL, owner TEXT, lease INTEGER, ended_at INTEGER, exit_code INTEGER);"
    "CREATE INDEX queued ON jobs (queue, priority DESC, seq) WHERE status = 0";
static const char* const kClaim =
    "UPDATE jobs SET status = 1, owner = 'floor', lease = 60000 WHERE seq = (SELECT seq FROM jobs "
    "WHERE status = 0 AND queue = 'default' ORDER BY priority DESC, seq LIMIT 1) RETURNING seq";
static const char* const kEnd =
    "UPDATE jobs SET status = 2, owner = NULL, lease = NULL, ended_at = 1, exit_code = ?2 "
    "WHERE seq = ?1 AND status = 1";

typedef struct {
    pid_t pid;
    sqlite3_int64 seq;
} Slot;

static sqlite3* db;
static sqlite3_stmt* claim;
static sqlite3_stmt* end;

static void need(int ok, const char* what) {
    if (ok) return;
    fprintf(stderr, "floor_runner: %s: %s\n", what, db ? sqlite3_errmsg(db) : "no ledger");
    exit(1);
}

static void execute(const char* sql) {
    need(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static void make_ledger(const char* path, int jobs) {
    need(sqlite3_open(path, &db) == SQLITE_OK, path);
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    execute(kTable);
    execute("BEGIN");
    for (int n = 0; n < jobs; ++n)
        execute("INSERT INTO jobs (queue, priority, status) VALUES ('default', 0, 0)");
    execute("COMMIT");
    need(sqlite3_prepare_v2(db, kClaim, -1, &claim, NULL) == SQLITE_OK, "claim");
    need(sqlite3_prepare_v2(db, kEnd, -1, &end, NULL) == SQLITE_OK, "end");
}

static sqlite3_int64 claim_one(void) {
    const sqlite3_int64 seq =
        sqlite3_step(claim) == SQLITE_ROW ? sqlite3_column_int64(claim, 0) : 0;
    while (seq != 0 && sqlite3_step(claim) == SQLITE_ROW) {
    }
    sqlite3_reset(claim);
    return seq;
}

static void end_one(const Slot* slot, int code) {
    sqlite3_bind_int64(end, 1, slot->seq);
    sqlite3_bind_int(end, 2, code);
    need(sqlite3_step(end) == SQLITE_DONE, "end");
    sqlite3_reset(end);
}

static void start(Slot* slot, char* command) {
    char* argv[] = {command, NULL};
    if (slot->seq == 0) return;
    need(posix_spawn(&slot->pid, command, NULL, NULL, argv, environ) == 0, "posix_spawn");
}

static int run_all(int slots, char* command) {
    Slot running[kMaxSlots] = {{0, 0}};
    int ended = 0;
    for (int n = 0; n < slots; ++n) {
        execute("BEGIN IMMEDIATE");
        running[n].seq = claim_one();
        execute("COMMIT");
        start(&running[n], command);
    }
    int status = 0;
    for (pid_t pid = waitpid(-1, &status, 0); pid > 0; pid = waitpid(-1, &status, 0)) {
        int n = 0;
        while (running[n].pid != pid)
            ++n;
        execute("BEGIN IMMEDIATE");
        end_one(&running[n], WEXITSTATUS(status));
        running[n] = (Slot){0, claim_one()};
        execute("COMMIT");
        ++ended;
        start(&running[n], command);
    }
    return ended;
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int count, char** words) {
    need(count == 5, "floor_runner FILE JOBS SLOTS COMMAND");
    const int jobs = atoi(words[2]);
    const int slots = atoi(words[3]);
    need(slots > 0 && slots <= kMaxSlots, "1 to 64 slots");
    make_ledger(words[1], jobs);
    const double before = now_ms();
    need(run_all(slots, words[4]) == jobs, "some jobs did not end");
    printf("%.3f\n", now_ms() - before);
    return 0;
}
