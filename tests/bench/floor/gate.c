#define _GNU_SOURCE
#include "gate.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

int floor_gate_open(const char* ledger) {
    char path[4096];
    snprintf(path, sizeof path, "%s.gate", ledger);
    int gate = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (gate < 0) {
        perror(path);
        exit(1);
    }
    return gate;
}

void floor_gate_enter(int gate) { flock(gate, LOCK_EX); }
void floor_gate_leave(int gate) { flock(gate, LOCK_UN); }
