// The minimal write lock: one exclusive flock.
#ifndef ATLASJOB_BENCH_FLOOR_WRITE_LOCK_H
#define ATLASJOB_BENCH_FLOOR_WRITE_LOCK_H

/// Opens `<ledger>.gate`; exits the program on failure.
int floor_lock_open(const char* ledger);
void floor_lock_acquire(int write_lock);
void floor_lock_release(int write_lock);

#endif
