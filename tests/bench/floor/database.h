// What every floor stands on: one SQLite file opened as the store opens its own, and the gate.
#ifndef ATLASJOB_BENCH_FLOOR_DATABASE_H
#define ATLASJOB_BENCH_FLOOR_DATABASE_H

#include <sqlite3.h>

enum { kMostStatements = 16 };

typedef struct FloorDatabase {
    sqlite3* handle;
    sqlite3_stmt* begin;
    sqlite3_stmt* commit;
    sqlite3_stmt* prepared[kMostStatements];
    int count;
    int gate;
} FloorDatabase;

/// Opens or makes the file; runs `schema` unless it is NULL. Ends the program when it cannot, as
/// all of these do.
void floor_database_open(FloorDatabase* database, const char* path, const char* schema);
/// Prepares one more statement; it lives as long as the database is open.
sqlite3_stmt* floor_prepare(FloorDatabase* database, const char* sql);
void floor_check(FloorDatabase* database, int result);
/// Runs to the end and resets; what is bound stays.
void floor_run(FloorDatabase* database, sqlite3_stmt* statement);
/// Enters the gate and begins; commits and leaves it.
void floor_begin(FloorDatabase* database);
void floor_commit(FloorDatabase* database);
void floor_database_close(FloorDatabase* database);

/// A table of jobs as plain as can be: 17 columns, three partial indexes, no triggers.
extern const char kBareSchema[];
/// Binds ?1 id and ?2 now.
extern const char kBareInsert[];

#endif
