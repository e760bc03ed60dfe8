#include "event/signal_blocked_thread.h"

#include "base/error.h"

#include <fmt/format.h>

#include <csignal>
#include <system_error>
#include <utility>

namespace atlasjob {

namespace {

/// Blocks every signal in this thread until scope exit.
class AllBlocked {
  public:
    AllBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    AllBlocked(const AllBlocked&) = delete;
    AllBlocked& operator=(const AllBlocked&) = delete;
    ~AllBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace

std::thread start_signal_blocked_thread(std::function<void()> body) {
    // A new thread inherits the signal mask.
    const AllBlocked blocked;
    try {
        return std::thread{std::move(body)};
    } catch (const std::system_error& error) {
        throw Error(
            ErrorCode::unavailable, fmt::format("cannot start a thread: {}", error.what()),
            "raise the limit of processes or memory (ulimit -u, -v), or end other processes");
    }
}

}  // namespace atlasjob
