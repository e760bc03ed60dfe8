#include "base/file.h"

#include "base/blocking_io.h"
#include "base/error.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace atlasjob {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
}

void UniqueFd::reset(int fd) noexcept {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) ::close(old);
}

UniqueFd open_file(const std::string& path, int flags, unsigned mode) {
    return UniqueFd{::open(path.c_str(), flags | O_CLOEXEC, mode)};
}

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw Error(ErrorCode::unavailable, "cannot make a pipe: " + errno_text(errno));
    }
    return {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

std::optional<std::string> read_file(const std::string& path) {
    const UniqueFd fd = open_file(path, O_RDONLY);
    if (!fd) return {};
    std::string content;
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t count = read_some(fd.get(), buffer.data(), buffer.size());
        if (count < 0) return {};
        if (count == 0) return content;
        content.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (!wait_to_retry(fd, POLLOUT)) {
            return false;
        }
    }
    return true;
}

std::optional<std::string> environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read-only program
    if (value == nullptr || *value == '\0') return {};
    return value;
}

}  // namespace atlasjob
