#include "runner/attempt/nonblocking_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace atlasjob {

namespace {

/// False for regular files and /dev/null, whose writes never wait for a reader.
bool may_block(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return false;
    return !S_ISCHR(status.st_mode) || isatty(fd) != 0;
}

}  // namespace

NonBlockingWriter::NonBlockingWriter(Loop& loop, int fd, std::function<void()> drained)
    : loop_(loop), drained_(std::move(drained)) {
    // The process may have been started with it closed.
    if (fcntl(fd, F_GETFD) != -1) open(fd);
}

NonBlockingWriter::NonBlockingWriter(Loop& loop, UniqueFd own, std::function<void()> drained)
    : loop_(loop), drained_(std::move(drained)), fd_(own.get()), own_(std::move(own)) {
    fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

NonBlockingWriter::~NonBlockingWriter() {
    close();
}

void NonBlockingWriter::open(int fd) {
    fd_ = fd;
    terminal_ = isatty(fd) == 1;
    if (!may_block(fd)) return;
    own_ = open_file(fmt::format("/proc/self/fd/{}", fd), O_WRONLY | O_NONBLOCK | O_NOCTTY);
    if (own_) {
        fd_ = own_.get();
        return;
    }
    const int flags = fcntl(fd, F_GETFL);
    if ((flags & O_NONBLOCK) != 0) return;
    fcntl(fd, F_SETFL, flags | O_NONBLOCK);
    flags_to_restore_ = flags;
}

void NonBlockingWriter::pass(std::string_view bytes) {
    if (closed_ || bytes.empty()) return;
    if (fd_ < 0) return fail(EBADF);
    const bool was_congested = congested();
    buffer_.append(bytes);
    if (!was_congested) flush();
}

void NonBlockingWriter::flush() {
    std::size_t done = 0;
    while (done < buffer_.size()) {
        const ssize_t count = write(fd_, buffer_.data() + done, buffer_.size() - done);
        if (count >= 0) {
            done += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            fail(errno);
            return;
        }
    }
    buffer_.erase(0, done);
    if (!buffer_.empty()) watch();
}

void NonBlockingWriter::fail(int error) {
    const bool reader_left = error == EPIPE || error == ECONNRESET || (terminal_ && error == EIO);
    if (!reader_left) failure_ = error;
    close();
}

void NonBlockingWriter::watch() {
    if (writable_) return;
    writable_.emplace(loop_, fd_, FdWatch::Ready::writable, [this] {
        writable_.reset();
        flush();
        if (!congested()) drained_();
    });
}

void NonBlockingWriter::close() {
    writable_.reset();
    buffer_.clear();
    if (flags_to_restore_) fcntl(fd_, F_SETFL, *std::exchange(flags_to_restore_, {}));
    own_.reset();
    fd_ = -1;
    closed_ = true;
}

BrokenPipesIgnored::BrokenPipesIgnored() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before_);
}

BrokenPipesIgnored::~BrokenPipesIgnored() {
    sigaction(SIGPIPE, &before_, nullptr);
}

}  // namespace atlasjob
