#include "event/signal_blocked_thread.h"

#include <csignal>
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
    return std::thread{std::move(body)};
}

}  // namespace atlasjob
