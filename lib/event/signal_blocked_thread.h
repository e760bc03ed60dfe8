#pragma once

#include <functional>
#include <thread>

namespace atlasjob {

/// Starts a thread with all signals blocked, so that only the loop's thread handles signals and no
/// system call in `body` is interrupted. `body` must not throw. The caller joins the thread. Safe
/// on any thread. Throws Error(unavailable) if the thread cannot be created.
[[nodiscard]] std::thread start_signal_blocked_thread(std::function<void()> body);

}  // namespace atlasjob
