#include "process/exit_status.h"

#include "base/signals.h"

#include <fmt/format.h>

namespace atlasjob {

ExitStatus ExitStatus::of(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return exited(info.si_status);
    return signalled(info.si_status, info.si_code == CLD_DUMPED);
}

std::string ExitStatus::to_string() const {
    if (!by_signal_) return fmt::format("exited with {}", number_);
    return fmt::format("was killed by {}{}", signal_name(number_), core_ ? " (core dumped)" : "");
}

}  // namespace atlasjob
