#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// The name of a signal: "SIGKILL", "SIGRTMIN+2"; "signal 99" for a number without one.
[[nodiscard]] std::string signal_name(int signo);

/// The number of a signal by its name, with or without SIG and in any case, or by its number in
/// decimal: "SIGINT", "int", "2". nullopt if there is no such signal.
[[nodiscard]] std::optional<int> parse_signal(std::string_view text);

/// Whether the default action of the signal is to terminate the process.
[[nodiscard]] bool ends_processes(int signo);

}  // namespace atlasjob
