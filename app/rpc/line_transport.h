#pragma once

#include "process/loop.h"
#include "rpc/line_buffer.h"

#include <functional>
#include <memory>

struct uv_poll_s;

namespace atlasjob::rpc {

/// Reads lines from a descriptor on a loop that others may have watches on.
class LineTransport {
  public:
    using OnLine = std::function<void(const LineBuffer::Line&)>;

    /// `input` is not owned and keeps its flags; `loop` must outlive it.
    LineTransport(Loop& loop, int input, std::size_t longest_line = kLongestMessage)
        : loop_(loop), input_(input), lines_(longest_line) {}

    /// Calls `on_line`, which must not throw, for every line, until the input ends or stop() was
    /// called, and runs the loop meanwhile: while a watch on it is active it turns, otherwise the
    /// transport sleeps in read(2) and nothing else happens. Throws Error(unavailable) when the
    /// input cannot be read, and what watches throw.
    void run(const OnLine& on_line);
    /// Ends run() after the current line. From the loop's thread only.
    void stop() noexcept { stopped_ = true; }

  private:
    void turn();
    void watch_input();
    void read_input();
    void finish_input(int error);
    void pass_on_lines();

    struct Close {
        void operator()(uv_poll_s* handle) const;
    };

    Loop& loop_;
    int input_;
    LineBuffer lines_;
    std::unique_ptr<uv_poll_s, Close> readable_;
    /// Whether epoll takes the input; it refuses regular files.
    enum class Watch { not_yet, polled, refused } watch_ = Watch::not_yet;
    const OnLine* on_line_ = nullptr;
    bool stopped_ = false;
    int failure_ = 0;
};

}  // namespace atlasjob::rpc
