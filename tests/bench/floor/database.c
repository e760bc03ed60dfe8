#include "database.h"

#include "write_lock.h"

#include <stdio.h>
#include <stdlib.h>

const char kBareSchema[] =
    "CREATE TABLE jobs (id TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL, queue TEXT NOT NULL, "
    "kind TEXT NOT NULL, priority INTEGER NOT NULL, attempts INTEGER NOT NULL, max_attempts INTEGER "
    "NOT NULL, payload TEXT NOT NULL, result TEXT, error TEXT, idem_key TEXT, lease_owner TEXT, "
    "lease_expires_ms INTEGER, run_at_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, updated_ms "
    "INTEGER NOT NULL, finished_ms INTEGER) STRICT;"
    "CREATE INDEX ready ON jobs (queue, priority DESC, run_at_ms, id) WHERE state = 0;"
    "CREATE UNIQUE INDEX idem ON jobs (idem_key) WHERE idem_key IS NOT NULL;"
    "CREATE INDEX finished ON jobs (finished_ms) WHERE finished_ms IS NOT NULL;";
const char kBareInsert[] =
    "INSERT INTO jobs (id, state, queue, kind, priority, attempts, max_attempts, payload, run_at_ms, "
    "created_ms, updated_ms) VALUES (?1, 0, 'default', 'command', 0, 0, 1, "
    "'{\"argv\":[\"make\",\"-j8\"],\"cwd\":\"/srv/app\",\"env\":{\"PATH\":\"/usr/bin\"}}', ?2, ?2, ?2)";

void floor_check(FloorDatabase* database, int result) {
    if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW) return;
    fprintf(stderr, "floor: SQLite %d: %s\n", result, sqlite3_errmsg(database->handle));
    exit(1);
}

sqlite3_stmt* floor_prepare(FloorDatabase* database, const char* sql) {
    sqlite3_stmt* statement = NULL;
    floor_check(database, sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL));
    if (database->count == kMaxStatements) abort();
    database->prepared[database->count++] = statement;
    return statement;
}

void floor_database_open(FloorDatabase* database, const char* path, const char* schema) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    floor_check(database, sqlite3_open_v2(path, &database->handle, flags, NULL));
    floor_check(database, sqlite3_exec(database->handle,
                                       "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                                       "PRAGMA foreign_keys = ON",
                                       NULL, NULL, NULL));
    if (schema) floor_check(database, sqlite3_exec(database->handle, schema, NULL, NULL, NULL));
    database->write_lock = floor_lock_open(path);
    database->begin = floor_prepare(database, "BEGIN IMMEDIATE");
    database->commit = floor_prepare(database, "COMMIT");
}

void floor_run(FloorDatabase* database, sqlite3_stmt* statement) {
    int result = SQLITE_ROW;
    while (result == SQLITE_ROW) result = sqlite3_step(statement);
    floor_check(database, result);
    floor_check(database, sqlite3_reset(statement));
}

void floor_begin(FloorDatabase* database) {
    floor_lock_acquire(database->write_lock);
    floor_run(database, database->begin);
}

void floor_commit(FloorDatabase* database) {
    floor_run(database, database->commit);
    floor_lock_release(database->write_lock);
}

void floor_database_close(FloorDatabase* database) {
    for (int i = 0; i < database->count; ++i) sqlite3_finalize(database->prepared[i]);
    sqlite3_close(database->handle);
}
