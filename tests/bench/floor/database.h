// Shared by the floors: a SQLite file opened as the store opens a ledger, and the write lock.
#ifndef ATLASJOB_BENCH_FLOOR_DATABASE_H
#define ATLASJOB_BENCH_FLOOR_DATABASE_H

#include <sqlite3.h>

enum { kMaxStatements = 16 };

typedef struct FloorDatabase {
    sqlite3* handle;
    sqlite3_stmt* begin;
    sqlite3_stmt* commit;
    sqlite3_stmt* prepared[kMaxStatements];
    int count;
    int write_lock;
} FloorDatabase;

/// Opens or creates the file; runs `schema` unless it is NULL. Like all functions here, it exits
/// the program on failure.
void floor_database_open(FloorDatabase* database, const char* path, const char* schema);
/// Prepares a statement, which lives as long as the database is open.
sqlite3_stmt* floor_prepare(FloorDatabase* database, const char* sql);
void floor_check(FloorDatabase* database, int result);
/// Runs the statement to its end and resets it; bindings are kept.
void floor_run(FloorDatabase* database, sqlite3_stmt* statement);
/// Acquires the write lock and begins a transaction; floor_commit commits and releases the lock.
void floor_begin(FloorDatabase* database);
void floor_commit(FloorDatabase* database);
void floor_database_close(FloorDatabase* database);

/// A minimal table of jobs: 17 columns, three partial indexes, no triggers.
extern const char kBareSchema[];
/// Binds ?1 id and ?2 now.
extern const char kBareInsert[];

#endif
