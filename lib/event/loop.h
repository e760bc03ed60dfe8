#pragma once

#include "base/time.h"

#include <exception>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace atlasjob {

/// A single-threaded event loop, a thin layer over libuv. Create the loop before its watches
/// (below), and destroy all watches before the loop.
///
/// A loop and its watches belong to the thread that runs it, except Wakeup::notify(). Callbacks are
/// called inside run(); a callback may destroy any watch, including its own. If a callback throws,
/// run() stops and rethrows the exception.
class Loop {
  public:
    /// Throws Error(unavailable) when out of descriptors.
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Calls callbacks until stop() is called or no active watch is left.
    void run();
    /// Makes run() return after the current callback.
    void stop();
    /// Calls the callbacks that are due. If `wait`, waits for one as long as a watch is active. For
    /// programs that also read from other sources. Throws as run().
    void turn(bool wait);
    /// Whether a watch is active, that is, neither paused nor stopped.
    [[nodiscard]] bool alive() const;

    /// Calls `callback` and stores its exception for run(). For use by the watches.
    void call(const std::function<void()>& callback) noexcept;
    uv_loop_s* raw() { return loop_.get(); }

  private:
    void throw_failure();

    std::unique_ptr<uv_loop_s> loop_;
    std::exception_ptr failure_;
};

/// Calls back after a delay, once or repeatedly. Uses the monotonic clock.
class Timer {
  public:
    Timer(Loop& loop, std::function<void()> callback);

    /// Starts or restarts the timer; `every` 0: fires once.
    void start(milliseconds after, milliseconds every = {});
    void stop();
    [[nodiscard]] bool running() const;

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

/// Calls back for as long as a descriptor is ready. Makes the descriptor non-blocking, which
/// affects every process that shares the open file. Does not own it: destroy the watch before
/// closing the descriptor. Works for pipes, terminals, sockets, pidfds and inotify, not for regular
/// files.
class FdWatch {
  public:
    enum class Ready { readable, writable, either };

    /// Starts watching. Throws Error(unavailable) if the descriptor cannot be watched.
    FdWatch(Loop& loop, int fd, Ready ready, std::function<void()> callback);

    void pause();
    void resume();

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

/// Calls back when the process receives a signal, which then has no other effect. When the last
/// watch of a signal is destroyed, its disposition becomes the default.
class SignalWatch {
  public:
    /// Throws Error(unavailable) if the signal cannot be caught.
    SignalWatch(Loop& loop, int signo, std::function<void()> callback);

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

/// Calls back in the loop after notify(), which other threads may call; several calls of notify()
/// may be merged into one callback.
class Wakeup {
  public:
    Wakeup(Loop& loop, std::function<void()> callback);

    /// Safe on any thread and in a signal handler, but not while this object is being destroyed.
    void notify();
    /// Whether it counts as an active watch: it does unless told otherwise. If not, the loop may
    /// stop without it. Belongs to the loop's thread.
    void set_active(bool active);

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

}  // namespace atlasjob
