#include "event/signal_blocked_thread.h"

#include <catch2/catch.hpp>

#include <array>
#include <csignal>

namespace atlasjob {

namespace {

std::array<bool, 3> blocked_here() {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return {
        sigismember(&mask, SIGINT) == 1, sigismember(&mask, SIGCHLD) == 1,
        sigismember(&mask, SIGRTMIN) == 1};
}

}  // namespace

TEST_CASE("the new thread blocks every signal and the caller's mask is unchanged") {
    const auto before = blocked_here();
    std::array<bool, 3> in_thread{};
    std::thread thread = start_signal_blocked_thread([&] { in_thread = blocked_here(); });
    thread.join();
    CHECK(in_thread == std::array{true, true, true});
    CHECK(blocked_here() == before);
}

}  // namespace atlasjob
