#include "base/signals.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

namespace atlasjob {

std::string signal_name(int signo) {
    if (const char* name = sigabbrev_np(signo); name != nullptr) return fmt::format("SIG{}", name);
    if (signo == SIGRTMIN) return "SIGRTMIN";
    if (signo > SIGRTMIN && signo <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", signo - SIGRTMIN);
    return fmt::format("signal {}", signo);
}

std::optional<int> parse_signal(std::string_view text) {
    if (const auto number = parse_integer<int>(text))
        return *number >= 1 && *number <= SIGRTMAX ? number : std::nullopt;
    std::string name{text};
    std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (!name.starts_with("SIG")) name.insert(0, "SIG");
    for (int signo = 1; signo <= SIGRTMAX; ++signo)
        if (signal_name(signo) == name) return signo;
    return {};
}

bool ends_processes(int signo) {
    constexpr std::array kOthers = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP,
                                    SIGTTIN, SIGTTOU, SIGURG,  SIGWINCH};
    return std::ranges::find(kOthers, signo) == kOthers.end();
}

}  // namespace atlasjob
