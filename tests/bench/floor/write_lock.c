#define _GNU_SOURCE
#include "write_lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

int floor_lock_open(const char* ledger) {
    char path[4096];
    snprintf(path, sizeof path, "%s.gate", ledger);
    int write_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (write_lock < 0) {
        perror(path);
        exit(1);
    }
    return write_lock;
}

void floor_lock_acquire(int write_lock) { flock(write_lock, LOCK_EX); }
void floor_lock_release(int write_lock) { flock(write_lock, LOCK_UN); }
