#pragma once

#include "rpc/line_buffer.h"

#include <uv.h>

#include <functional>

namespace atlasjob::rpc {

/// Reads lines from a descriptor on a libuv loop that others may put their own handles on.
class LineTransport {
  public:
    using OnLine = std::function<void(const LineBuffer::Line&)>;

    /// `input` is not owned and keeps its flags. Throws Error(unavailable) when there is no loop
    /// to be had.
    explicit LineTransport(int input, std::size_t longest_line = kLongestMessage);
    LineTransport(const LineTransport&) = delete;
    LineTransport& operator=(const LineTransport&) = delete;
    /// Handles of others on the loop must be closed before.
    ~LineTransport();

    /// Where timers and watchers go. While one that is referenced (uv_ref, their default) is
    /// active, the loop runs; otherwise the transport sleeps in read(2) and nothing else happens.
    uv_loop_t& loop() noexcept { return loop_; }

    /// Calls `on_line`, which must not throw, for every line, until the input ends or stop() was
    /// called. Throws Error(unavailable) when the input cannot be read.
    void run(const OnLine& on_line);
    /// Ends run() after the current line. From the loop's thread only.
    void stop() noexcept { stopped_ = true; }

  private:
    void turn();
    void watch_input();
    void read_input();
    void finish_input(int error);
    void pass_on_lines();
    bool alone() const { return uv_loop_alive(&loop_) == 0; }

    int input_;
    LineBuffer lines_;
    uv_loop_t loop_{};
    uv_poll_t readable_{};
    /// Whether epoll takes the input; it refuses regular files.
    enum class Watch { not_yet, polled, refused } watch_ = Watch::not_yet;
    const OnLine* on_line_ = nullptr;
    bool stopped_ = false;
    int failure_ = 0;
};

}  // namespace atlasjob::rpc
