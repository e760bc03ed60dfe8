#pragma once

struct uv_poll_s;

#include "event/loop.h"
#include "rpc/line_buffer.h"
#include "rpc/output.h"

#include <functional>
#include <memory>
#include <string_view>

namespace atlasjob::rpc {

/// Writes each message to a descriptor (not owned) with one write(2), as a rule. Blocks until the
/// other side has taken it, also when the descriptor is non-blocking.
class LineOutput final : public Output {
  public:
    explicit LineOutput(int fd) : fd_(fd) {}

    void send(const std::string& line) noexcept override;

    /// False once a write has failed: the client is gone, or `failure()` says what is wrong.
    bool open() const noexcept { return open_; }
    /// The errno that ended it; 0 when it is open or the client just left (EPIPE).
    int failure() const noexcept { return failure_; }

  private:
    bool write_some(std::string_view& bytes) noexcept;

    int fd_;
    bool open_ = true;
    int failure_ = 0;
};

/// Makes a write to a closed pipe an error instead of the end of the process. For the whole
/// process; programs it starts must be given the default back.
void ignore_broken_pipes() noexcept;

/// Reads lines from a descriptor on a loop that others may have watches on.
class LineTransport {
  public:
    using OnLine = std::function<void(const LineBuffer::Line&)>;

    /// `input` is not owned and keeps its flags; `loop` must outlive it.
    LineTransport(Loop& loop, int input, std::size_t longest_line = kMaxMessage)
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
