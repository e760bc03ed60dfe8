#include "cli/interruption.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace atlasjob::cli {

namespace {

// A signal handler reaches nothing else.
std::array<char, 1024> farewell_text;
std::size_t farewell_length = 0;

extern "C" void leave_interrupted(int /*signo*/) {
    // We leave with another status than 0 whether anybody hears it or not.
    [[maybe_unused]] const ssize_t told =
        write(STDERR_FILENO, farewell_text.data(), farewell_length);
    _exit(kInterrupted);
}

}  // namespace

Interruption::Interruption(std::string_view farewell) {
    farewell_length = std::min(farewell.size(), farewell_text.size());
    std::copy_n(farewell.begin(), farewell_length, farewell_text.begin());
    struct sigaction before {};
    if (sigaction(SIGINT, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = leave_interrupted;
    sigaction(SIGINT, &action, nullptr);
}

Interruption::~Interruption() {
    struct sigaction before {};
    if (sigaction(SIGINT, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
    struct sigaction action {};
    action.sa_handler = SIG_DFL;
    sigaction(SIGINT, &action, nullptr);
}

}  // namespace atlasjob::cli
