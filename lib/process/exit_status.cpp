#include "process/exit_status.h"

#include <fmt/format.h>

#include <cstring>

namespace atlasjob {

std::string signal_name(int signo) {
    if (const char* name = sigabbrev_np(signo); name != nullptr) return fmt::format("SIG{}", name);
    if (signo == SIGRTMIN) return "SIGRTMIN";
    if (signo > SIGRTMIN && signo <= SIGRTMAX) return fmt::format("SIGRTMIN+{}", signo - SIGRTMIN);
    return fmt::format("signal {}", signo);
}

ExitStatus ExitStatus::of(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return exited(info.si_status);
    return signalled(info.si_status, info.si_code == CLD_DUMPED);
}

std::string ExitStatus::to_string() const {
    if (!by_signal_) return fmt::format("exited with {}", number_);
    return fmt::format("was killed by {}{}", signal_name(number_), core_ ? " (core dumped)" : "");
}

}  // namespace atlasjob
