#include "base/signals.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace atlasjob;

TEST_CASE("every signal has a name") {
    CHECK(signal_name(SIGTERM) == "SIGTERM");
    CHECK(signal_name(SIGRTMIN) == "SIGRTMIN");
    CHECK(signal_name(SIGRTMIN + 2) == "SIGRTMIN+2");
    CHECK(signal_name(999) == "signal 999");
}

TEST_CASE("a signal is found by its name in any form and by its number") {
    for (const char* text : {"SIGINT", "INT", "int", "SigInt", "2"})
        CHECK(parse_signal(text) == SIGINT);
    CHECK(parse_signal("RTMIN+2") == SIGRTMIN + 2);
    for (int signo = 1; signo < 32; ++signo)
        CHECK(parse_signal(signal_name(signo)) == signo);
    for (const char* text : {"", "SIG", "SIGSIGINT", "0", "-1", "65", "2x", "signal 5", "INT "})
        CHECK_FALSE(parse_signal(text));
}

TEST_CASE("signals that stop, continue or do nothing do not end processes") {
    for (const int signo : {SIGTERM, SIGINT, SIGKILL, SIGUSR1, SIGRTMIN})
        CHECK(ends_processes(signo));
    for (const int signo : {SIGSTOP, SIGCONT, SIGCHLD, SIGWINCH, SIGTSTP})
        CHECK_FALSE(ends_processes(signo));
}
