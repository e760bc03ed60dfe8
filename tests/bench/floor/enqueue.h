// The minimal work of a durable enqueue: prepared statements, BEGIN IMMEDIATE, the rows, COMMIT,
// all under the write lock.
#ifndef ATLASJOB_BENCH_FLOOR_ENQUEUE_H
#define ATLASJOB_BENCH_FLOOR_ENQUEUE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FloorEnqueue FloorEnqueue;

/// Opens an existing ledger to write the rows of Store::submit into the same tables with the same
/// triggers. Exits the program on failure.
FloorEnqueue* floor_open_ledger(const char* path);
/// Creates a file with one bare table (17 columns, three partial indexes, no triggers).
FloorEnqueue* floor_open_bare(const char* path);
/// Adds one job in one durable commit.
void floor_submit(FloorEnqueue* floor, const char* job_id, long long now_ms);
void floor_close(FloorEnqueue* floor);

#ifdef __cplusplus
}
#endif

#endif
