#include "runner/attempt/pipe_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

namespace {

constexpr std::size_t kReadBytes = 65536;
constexpr std::size_t kTerminalBytes = 2 * kReadBytes;  ///< More than a terminal can hold.

/// Shared by all readers of a thread, as allocating one costs more than reading most outputs.
std::string& read_buffer() {
    static thread_local std::string buffer(kReadBytes, '\0');
    return buffer;
}

std::size_t capacity_of(int fd) {
    const int capacity = fcntl(fd, F_GETPIPE_SZ);
    return capacity > 0 ? static_cast<std::size_t>(capacity) : kTerminalBytes;
}

}  // namespace

PipeReader::PipeReader(Loop& loop, UniqueFd fd, OnBytes on_bytes, std::function<void()> on_end)
    : fd_(std::move(fd)), on_bytes_(std::move(on_bytes)), on_end_(std::move(on_end)) {
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

/// Returns the number of bytes read; 0 if none are available now or ever.
std::size_t PipeReader::read_some() {
    std::string& buffer = read_buffer();
    for (;;) {
        const ssize_t count = read(fd_.get(), buffer.data(), buffer.size());
        if (count > 0) {
            const auto size = static_cast<std::size_t>(count);
            on_bytes_(std::string_view{buffer}.substr(0, size));
            return size;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) return 0;
        readable_.reset();
        if (on_end_) on_end_();
        return 0;
    }
}

}  // namespace atlasjob
