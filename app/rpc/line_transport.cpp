#include "rpc/line_transport.h"

#include "base/error.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <uv.h>

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
        // If interrupted, the next write comes back here.
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

/// libuv releases a handle only in a later turn of its loop.
void LineTransport::Close::operator()(uv_poll_s* handle) const {
    uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) {
        delete reinterpret_cast<uv_poll_t*>(closed);
    });
}

void LineTransport::run(LineReceiver& receiver) {
    receiver_ = &receiver;
    while (!stopped_) {
        turn();
    }
    if (failure_ != 0) {
        throw Error(
            ErrorCode::unavailable, "standard input cannot be read: " + errno_text(failure_));
    }
}

void LineTransport::turn() {
    if (!loop_.alive()) return read_input();
    if (watch_ == Watch::not_yet) watch_input();
    if (watch_ == Watch::polled) {
        loop_.turn(true);
        return;
    }
    // Reading a regular file never blocks, so the loop gets a turn between two reads.
    loop_.turn(false);
    if (!stopped_) read_input();
}

void LineTransport::watch_input() {
    // libuv makes the descriptor non-blocking for every process that shares it, such as the shell
    // of a terminal: the flags are restored.
    const int flags = ::fcntl(input_, F_GETFL);
    auto handle = std::make_unique<uv_poll_t>();
    const int refused = uv_poll_init(loop_.raw(), handle.get(), input_);
    if (flags >= 0) (void)::fcntl(input_, F_SETFL, flags);
    watch_ = refused != 0 ? Watch::refused : Watch::polled;
    if (refused != 0) return;
    readable_.reset(handle.release());
    readable_->data = this;
    uv_poll_start(readable_.get(), UV_READABLE | UV_DISCONNECT, [](uv_poll_t* polled, int, int) {
        static_cast<LineTransport*>(polled->data)->read_input();
    });
    uv_unref(reinterpret_cast<uv_handle_t*>(readable_.get()));
}

void LineTransport::read_input() {
    const auto room = lines_.room();
    const ssize_t count = ::read(input_, room.data(), room.size());
    if (count > 0) {
        lines_.filled(static_cast<std::size_t>(count));
        return pass_on_lines();
    }
    if (count == 0 || errno == ECONNRESET) return finish_input(0);
    if (errno != EAGAIN && errno != EINTR) return finish_input(errno);
    if (errno == EAGAIN && !loop_.alive()) {
        pollfd readable{input_, POLLIN, 0};
        // If interrupted, the next read comes back here.
        (void)::poll(&readable, 1, -1);
    }
}

void LineTransport::finish_input(int error) {
    if (const auto line = lines_.rest(); line && !stopped_) receiver_->receive(*line);
    failure_ = error;
    stopped_ = true;
}

void LineTransport::pass_on_lines() {
    while (!stopped_) {
        const auto line = lines_.next();
        if (!line) return;
        receiver_->receive(*line);
    }
}

}  // namespace atlasjob::rpc
