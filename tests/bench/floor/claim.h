// The least that ending one job and claiming the next in one commit can be.
#ifndef ATLASJOB_BENCH_FLOOR_CLAIM_H
#define ATLASJOB_BENCH_FLOOR_CLAIM_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FloorClaim FloorClaim;

/// Opens an existing ledger to run what Store::finish_and_claim runs: the same statements on the
/// same tables with the same triggers. Ends the program when it cannot.
FloorClaim* floor_claim_open_ledger(const char* path);
/// Makes a file with one bare table.
FloorClaim* floor_claim_open_bare(const char* path);
/// Adds a queued job to the bare table, without a commit of its own between begin and end.
void floor_claim_begin_fill(FloorClaim* floor);
void floor_claim_fill(FloorClaim* floor, const char* job_id, long long now_ms);
void floor_claim_end_fill(FloorClaim* floor);
/// One durable commit: ends what was claimed last, if anything was, and claims the next job.
/// Returns 0 when there was none to claim.
int floor_finish_and_claim(FloorClaim* floor, long long now_ms);
void floor_claim_close(FloorClaim* floor);

#ifdef __cplusplus
}
#endif

#endif
