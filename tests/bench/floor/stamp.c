// stamp FIFO: writes the moment at which it began to run into FIFO, as nanoseconds of
// CLOCK_MONOTONIC in 8 bytes. The least a command can be that says when it was started.
#include <fcntl.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char** argv) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    const int fd = argc > 1 ? open(argv[1], O_WRONLY) : -1;
    return fd >= 0 && write(fd, &ns, sizeof ns) == sizeof ns ? 0 : 1;
}
