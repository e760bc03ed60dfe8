#pragma once

#include <functional>
#include <thread>

namespace atlasjob {

/// Starts a thread that no signal of the process is delivered to, so that only the loop's thread
/// handles signals, and no call of `body` is interrupted by one. `body` must not throw. From any
/// thread; the caller joins. Throws std::system_error when there can be no more threads.
std::thread start_signal_blocked_thread(std::function<void()> body);

}  // namespace atlasjob
