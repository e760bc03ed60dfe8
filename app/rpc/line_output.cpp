#include "rpc/line_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace atlasjob::rpc {

void LineOutput::send(const std::string& line) noexcept {
    std::string_view bytes = line;
    while (open_ && !bytes.empty()) {
        open_ = write_some(bytes);
    }
}

bool LineOutput::write_some(std::string_view& bytes) noexcept {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(count));
        return true;
    }
    if (errno == EINTR) return true;
    if (errno == EAGAIN) {
        pollfd writable{fd_, POLLOUT, 0};
        // Interrupted or not, the next write tells.
        return ::poll(&writable, 1, -1) >= 0 || errno == EINTR;
    }
    if (errno != EPIPE && errno != ECONNRESET) failure_ = errno;
    return false;
}

void ignore_broken_pipes() noexcept {
    struct sigaction action {};
    action.sa_handler = SIG_IGN;
    // Cannot fail for a signal that exists.
    (void)::sigaction(SIGPIPE, &action, nullptr);
}

}  // namespace atlasjob::rpc
