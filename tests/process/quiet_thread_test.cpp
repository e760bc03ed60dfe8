#include "process/quiet_thread.h"

#include "process/loop.h"

#include <catch2/catch.hpp>

#include <unistd.h>

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

TEST_CASE("A quiet thread blocks every signal, and who started it blocks none more") {
    const auto before = blocked_here();
    std::array<bool, 3> there{};
    std::thread quiet = start_quiet_thread([&] { there = blocked_here(); });
    quiet.join();
    CHECK(there == std::array{true, true, true});
    CHECK(blocked_here() == before);
}

TEST_CASE("A signal that a quiet thread sends to the process is handled by the loop's thread") {
    Loop loop;
    int received = 0;
    const SignalWatch watch{loop, SIGTERM, [&] {
                                ++received;
                                loop.stop();
                            }};
    std::thread quiet = start_quiet_thread([] { kill(getpid(), SIGTERM); });
    loop.run();
    quiet.join();
    CHECK(received == 1);
}

}  // namespace atlasjob
