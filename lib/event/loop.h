#pragma once

#include "base/time.h"

#include <exception>
#include <functional>
#include <memory>

struct uv_loop_s;

namespace atlasjob {

/// An event loop of one thread, a thin layer over libuv. Make the loop first and its watches
/// (below) after it; every watch must be gone before the loop.
///
/// All of it belongs to the thread that runs it, Wakeup::ring() excepted. Callbacks run inside
/// run(); a callback may destroy any watch, its own too. An exception thrown by a callback ends
/// run(), which throws it on.
class Loop {
  public:
    /// Throws Error(unavailable) when the descriptors are used up.
    Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    /// Runs callbacks until stop() is called or no watch is left that could call one.
    void run();
    /// Makes run() return once the callback at hand has.
    void stop();
    /// Calls those callbacks that are due, waiting for one when `wait` and a watch is left that
    /// could call one: for a program that has a source of its own besides. Throws as run() does.
    void turn(bool wait);
    /// Whether a watch is left that could call back. One that is paused or stopped cannot.
    bool alive() const;

    /// Calls `callback` as the loop calls any: for the watches' own use.
    void call(const std::function<void()>& callback) noexcept;
    uv_loop_s* raw() { return loop_.get(); }

  private:
    void throw_failure();

    std::unique_ptr<uv_loop_s> loop_;
    std::exception_ptr failure_;
};

/// Calls back at a time, once or again and again. Time is the machine's monotonic clock.
class Timer {
  public:
    Timer(Loop& loop, std::function<void()> callback);

    /// Starts anew, whether it ran or not; `every` 0: once.
    void start(milliseconds after, milliseconds every = {});
    void stop();
    bool running() const;

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

/// Calls back for as long as a descriptor is ready. Makes it non-blocking, for everybody who
/// shares the open file; does not own it: destroy the watch, then close the descriptor. Works for
/// pipes, terminals, sockets, pidfds, inotify; not for regular files.
class FdWatch {
  public:
    enum class Ready { readable, writable, either };

    /// Watches at once. Throws Error(unavailable) for a descriptor that cannot be watched.
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

/// Calls back in the loop when the process gets a signal, instead of what the signal would do.
/// After the last watch of a signal its disposition is the default one.
class SignalWatch {
  public:
    /// Throws Error(unavailable) when the signal cannot be caught.
    SignalWatch(Loop& loop, int signo, std::function<void()> callback);

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

/// Calls back in the loop after another thread has rung; several rings may come as one call.
class Wakeup {
  public:
    Wakeup(Loop& loop, std::function<void()> callback);

    /// From any thread, also inside a signal handler; not while it is being destroyed.
    void ring();

  private:
    struct State;
    struct Close {
        void operator()(State* state) const;
    };
    std::unique_ptr<State, Close> state_;
};

}  // namespace atlasjob
