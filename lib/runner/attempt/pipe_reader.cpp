#include "runner/attempt/pipe_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

constexpr std::size_t kReadBytes = 65536;
constexpr std::size_t kTerminalBytes = 2 * kReadBytes;  ///< More than one can hold.

/// Of all pumps of a thread: each would cost more than reading what most commands say.
std::string& read_buffer() {
    static thread_local std::string buffer(kReadBytes, '\0');
    return buffer;
}

std::size_t capacity_of(int fd) {
    const int capacity = fcntl(fd, F_GETPIPE_SZ);
    return capacity > 0 ? static_cast<std::size_t>(capacity) : kTerminalBytes;
}

}  // namespace

PipeReader::PipeReader(Loop& loop, UniqueFd fd, Take take, std::function<void()> ended)
    : fd_(std::move(fd)), take_(std::move(take)), ended_(std::move(ended)) {
    readable_.emplace(loop, fd_.get(), FdWatch::Ready::readable, [this] { read_some(); });
}

void PipeReader::pause() {
    paused_ = true;
    if (readable_) readable_->pause();
}

void PipeReader::resume() {
    if (paused_ && readable_) readable_->resume();
    paused_ = false;
}

void PipeReader::drain() {
    std::size_t left = readable_ ? capacity_of(fd_.get()) : 0;
    while (left > 0) {
        const std::size_t count = read_some();
        if (count == 0) break;
        left -= std::min(left, count);
    }
}

/// 0: nothing is there, or nothing will be.
std::size_t PipeReader::read_some() {
    std::string& buffer = read_buffer();
    for (;;) {
        const ssize_t count = read(fd_.get(), buffer.data(), buffer.size());
        if (count > 0) {
            const auto size = static_cast<std::size_t>(count);
            take_(std::string_view{buffer}.substr(0, size));
            return size;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return 0;
        readable_.reset();
        if (ended_) ended_();
        return 0;
    }
}

}  // namespace atlasjob
