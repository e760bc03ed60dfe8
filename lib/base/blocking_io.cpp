#include "base/blocking_io.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

ssize_t read_some(int fd, char* buffer, std::size_t size) {
    for (;;) {
        const ssize_t count = ::read(fd, buffer, size);
        if (count >= 0 || !wait_to_retry(fd, POLLIN)) return count;
    }
}

bool wait_to_retry(int fd, short events) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN) return false;
    pollfd waiting{fd, events, 0};
    return ::poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

}  // namespace atlasjob
