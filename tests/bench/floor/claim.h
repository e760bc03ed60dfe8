// The minimal work to finish one job and claim the next in one commit.
#ifndef ATLASJOB_BENCH_FLOOR_CLAIM_H
#define ATLASJOB_BENCH_FLOOR_CLAIM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FloorClaim FloorClaim;

/// Opens an existing ledger to run the statements of Store::finish_and_claim on the same tables
/// with the same triggers. Exits the program on failure.
FloorClaim* floor_claim_open_ledger(const char* path);
/// Creates a file with one bare table.
FloorClaim* floor_claim_open_bare(const char* path);
/// Adds a queued job to the bare table; all jobs between begin and end are one commit.
void floor_claim_begin_fill(FloorClaim* floor);
void floor_claim_fill(FloorClaim* floor, const char* job_id, long long now_ms);
void floor_claim_end_fill(FloorClaim* floor);
/// One durable commit: finishes the job claimed last, if any, and claims the next one. Returns 0 if
/// there was none to claim.
int floor_finish_and_claim(FloorClaim* floor, long long now_ms);
void floor_claim_close(FloorClaim* floor);

#ifdef __cplusplus
}
#endif

#endif
