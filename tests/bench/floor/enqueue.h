// The least a durable enqueue can be: prepared statements, BEGIN IMMEDIATE, the rows, COMMIT, all
// of it under the gate.
#ifndef ATLASJOB_BENCH_FLOOR_ENQUEUE_H
#define ATLASJOB_BENCH_FLOOR_ENQUEUE_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FloorEnqueue FloorEnqueue;

/// Opens an existing ledger to write what Store::submit writes, into the same tables with the same
/// triggers. Ends the program when it cannot.
FloorEnqueue* floor_open_ledger(const char* path);
/// Makes a file with one bare table (17 columns, three partial indexes, no triggers).
FloorEnqueue* floor_open_bare(const char* path);
/// One durable commit with one job.
void floor_submit(FloorEnqueue* floor, const char* job_id, long long now_ms);
void floor_close(FloorEnqueue* floor);

#ifdef __cplusplus
}
#endif

#endif
