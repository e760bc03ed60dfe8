#include "event/loop.h"

#include "base/error.h"
#include "base/file.h"

#include <fmt/format.h>
#include <uv.h>

#include <array>
#include <utility>

namespace atlasjob {

namespace {

void require(int result, std::string_view what) {
    if (result == 0) return;
    throw Error(ErrorCode::unavailable, fmt::format("{}: {}", what, errno_text(-result)));
}

/// libuv aborts if it cannot make its pipes. A few more than the six it needs for a loop.
void require_descriptors() {
    std::array<Pipe, 4> pipes;
    for (Pipe& pipe : pipes)
        pipe = make_pipe();
}

/// The C++ object behind a libuv handle. libuv closes a handle only in a later turn of the loop, so
/// the object is on the heap and is deleted then.
template <class State>
State& state_of(void* handle) {
    return *static_cast<State*>(static_cast<uv_handle_t*>(handle)->data);
}

template <class State>
uv_handle_t* handle_of(State* state) {
    return reinterpret_cast<uv_handle_t*>(&state->handle);
}

/// Deletes a handle that was never initialized at once, any other after libuv has closed it.
template <class State>
void close_state(State* state) {
    if (!state->initialized) {
        delete state;
        return;
    }
    uv_close(
        handle_of(state), [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

template <class State>
void call_back(void* handle) {
    State& state = state_of<State>(handle);
    // Copied: the callback may destroy its own watch.
    const std::function<void()> callback = state.callback;
    state.loop.call(callback);
}

}  // namespace

Loop::Loop() : loop_(std::make_unique<uv_loop_s>()) {
    require_descriptors();
    require(uv_loop_init(loop_.get()), "cannot create an event loop");
}

Loop::~Loop() {
    // Only closing handles are left.
    uv_run(loop_.get(), UV_RUN_DEFAULT);
    uv_loop_close(loop_.get());
}

void Loop::run() {
    uv_run(loop_.get(), UV_RUN_DEFAULT);
    throw_failure();
}

void Loop::turn(bool wait) {
    uv_run(loop_.get(), wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    throw_failure();
}

bool Loop::alive() const {
    return uv_loop_alive(loop_.get()) != 0;
}

void Loop::throw_failure() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void Loop::stop() {
    uv_stop(loop_.get());
}

void Loop::call(const std::function<void()>& callback) noexcept {
    // Only the first exception is reported; skip the remaining callbacks of this turn.
    if (failure_) return;
    try {
        callback();
    } catch (...) {
        failure_ = std::current_exception();
        stop();
    }
}

// --- Timer -------------------------------------------------------------------------------------

struct Timer::State {
    Loop& loop;
    std::function<void()> callback;
    uv_timer_t handle{};
    bool initialized = false;
};

void Timer::Close::operator()(State* state) const {
    close_state(state);
}

Timer::Timer(Loop& loop, std::function<void()> callback)
    : state_(new State{loop, std::move(callback)}) {
    require(uv_timer_init(loop.raw(), &state_->handle), "cannot create a timer");
    state_->initialized = true;
    state_->handle.data = state_.get();
}

void Timer::start(milliseconds after, milliseconds every) {
    // The loop's cached time is from the beginning of its turn, which may be long ago.
    uv_update_time(state_->loop.raw());
    const auto ms = [](milliseconds span) {
        return static_cast<std::uint64_t>(std::max(span, milliseconds{0}).count());
    };
    uv_timer_start(
        &state_->handle, [](uv_timer_t* handle) { call_back<State>(handle); }, ms(after),
        ms(every));
}

void Timer::stop() {
    uv_timer_stop(&state_->handle);
}

bool Timer::running() const {
    return uv_is_active(handle_of(state_.get())) != 0;
}

// --- FdWatch -----------------------------------------------------------------------------------

struct FdWatch::State {
    Loop& loop;
    std::function<void()> callback;
    int events = 0;
    uv_poll_t handle{};
    bool initialized = false;
};

namespace {

int events_of(FdWatch::Ready ready) {
    switch (ready) {
        case FdWatch::Ready::readable:
            return UV_READABLE;
        case FdWatch::Ready::writable:
            return UV_WRITABLE;
        case FdWatch::Ready::either:
            return UV_READABLE | UV_WRITABLE;
    }
    return 0;
}

}  // namespace

void FdWatch::Close::operator()(State* state) const {
    close_state(state);
}

FdWatch::FdWatch(Loop& loop, int fd, Ready ready, std::function<void()> callback)
    : state_(new State{loop, std::move(callback), events_of(ready)}) {
    require(uv_poll_init(loop.raw(), &state_->handle, fd), "cannot watch a descriptor");
    state_->initialized = true;
    state_->handle.data = state_.get();
    resume();
}

void FdWatch::pause() {
    uv_poll_stop(&state_->handle);
}

void FdWatch::resume() {
    // An error or hang-up counts as ready: the read or write that follows reports it.
    uv_poll_start(&state_->handle, state_->events, [](uv_poll_t* handle, int, int) {
        call_back<State>(handle);
    });
}

// --- SignalWatch -------------------------------------------------------------------------------

struct SignalWatch::State {
    Loop& loop;
    std::function<void()> callback;
    uv_signal_t handle{};
    bool initialized = false;
};

void SignalWatch::Close::operator()(State* state) const {
    close_state(state);
}

SignalWatch::SignalWatch(Loop& loop, int signo, std::function<void()> callback)
    : state_(new State{loop, std::move(callback)}) {
    require(uv_signal_init(loop.raw(), &state_->handle), "cannot watch signals");
    state_->initialized = true;
    state_->handle.data = state_.get();
    const int result = uv_signal_start(
        &state_->handle, [](uv_signal_t* handle, int) { call_back<State>(handle); }, signo);
    require(result, fmt::format("cannot catch signal {}", signo));
}

// --- Wakeup ------------------------------------------------------------------------------------

struct Wakeup::State {
    Loop& loop;
    std::function<void()> callback;
    uv_async_t handle{};
    bool initialized = false;
};

void Wakeup::Close::operator()(State* state) const {
    close_state(state);
}

Wakeup::Wakeup(Loop& loop, std::function<void()> callback)
    : state_(new State{loop, std::move(callback)}) {
    const int result = uv_async_init(
        loop.raw(), &state_->handle, [](uv_async_t* handle) { call_back<State>(handle); });
    require(result, "cannot create a wake-up handle");
    state_->initialized = true;
    state_->handle.data = state_.get();
}

void Wakeup::notify() {
    uv_async_send(&state_->handle);
}

void Wakeup::set_active(bool active) {
    active ? uv_ref(handle_of(state_.get())) : uv_unref(handle_of(state_.get()));
}

}  // namespace atlasjob
