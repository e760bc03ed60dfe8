#pragma once

#include "base/file.h"

#include <string>

namespace atlasjob {

/// A pseudo-terminal for a command.
struct PseudoTerminal {
    UniqueFd master;   ///< Read the command's output here; what is written here it reads as typed.
    UniqueFd slave;    ///< Held open so that the terminal survives while no one else has it open.
    std::string path;  ///< Of the slave, for SpawnRequest::terminal.
};

/// Throws Error(unavailable) when the system has no pseudo-terminal available.
[[nodiscard]] PseudoTerminal open_pseudo_terminal();

}  // namespace atlasjob
