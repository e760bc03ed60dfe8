#include "store/sqlite/signal_hold.h"

#include <algorithm>
#include <array>

namespace atlasjob::sqlite {

namespace {

constexpr std::array kHeld = {SIGINT, SIGTERM, SIGHUP, SIGTSTP};

sigset_t held_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : kHeld)
        sigaddset(&set, signal);
    return set;
}

bool one_is_pending() {
    sigset_t pending;
    sigpending(&pending);
    return std::ranges::any_of(
        kHeld, [&](int signal) { return sigismember(&pending, signal) == 1; });
}

}  // namespace

SignalHold::SignalHold() {
    const sigset_t held = held_signals();
    pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalHold::~SignalHold() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalHold::deliver_pending() {
    if (!one_is_pending()) return;
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    const sigset_t held = held_signals();
    pthread_sigmask(SIG_BLOCK, &held, nullptr);
}

}  // namespace atlasjob::sqlite
