// The least a gate can be: one exclusive flock.
#ifndef ATLASJOB_BENCH_FLOOR_GATE_H
#define ATLASJOB_BENCH_FLOOR_GATE_H

/// Opens `<ledger>.gate`; ends the program when it cannot.
int floor_gate_open(const char* ledger);
void floor_gate_enter(int gate);
void floor_gate_leave(int gate);

#endif
