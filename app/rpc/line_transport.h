#pragma once

struct uv_poll_s;

#include "event/loop.h"
#include "rpc/line_buffer.h"
#include "rpc/output.h"

#include <memory>
#include <string_view>

namespace atlasjob::rpc {

/// Writes each message to a descriptor (not owned), usually with one write(2). Blocks until all of
/// it is written, even if the descriptor is non-blocking.
class LineOutput final : public Output {
  public:
    explicit LineOutput(int fd) : fd_(fd) {}

    void send(const std::string& line) noexcept override;

    /// False once a write has failed: the client is gone, or `failure()` has the reason.
    bool open() const noexcept { return open_; }
    /// The errno of the failed write; 0 if there was none or the client left (EPIPE).
    int failure() const noexcept { return failure_; }

  private:
    bool write_some(std::string_view& bytes) noexcept;

    int fd_;
    bool open_ = true;
    int failure_ = 0;
};

/// Ignores SIGPIPE in the whole process, so that a write to a closed pipe fails with EPIPE.
/// Programs it starts must get the default disposition back.
void ignore_broken_pipes() noexcept;

/// What a LineTransport passes lines to.
class LineReceiver {
  public:
    LineReceiver() = default;
    LineReceiver(const LineReceiver&) = delete;
    LineReceiver& operator=(const LineReceiver&) = delete;
    virtual ~LineReceiver() = default;

    /// Must not throw.
    virtual void receive(const LineBuffer::Line& line) = 0;
};

/// Reads lines from a descriptor, on a loop that other code may use as well.
class LineTransport {
  public:
    /// `input` is not owned and keeps its flags; `loop` must outlive it.
    LineTransport(Loop& loop, int input, std::size_t max_line = kMaxMessage)
        : loop_(loop), input_(input), lines_(max_line) {}

    /// Passes every line to `receiver` until the input ends or stop() is called. Runs the loop
    /// while it has active watches, and blocks in read(2) while it has none. Throws
    /// Error(unavailable) if the input cannot be read, and rethrows what watches throw.
    void run(LineReceiver& receiver);
    /// Makes run() return after the current line. Call from the loop's thread only.
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
    /// Whether epoll accepts the input; it refuses regular files.
    enum class Watch { not_yet, polled, refused } watch_ = Watch::not_yet;
    LineReceiver* receiver_ = nullptr;
    bool stopped_ = false;
    int failure_ = 0;
};

}  // namespace atlasjob::rpc
