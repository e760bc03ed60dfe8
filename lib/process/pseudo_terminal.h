#pragma once

#include "base/file.h"

#include <string>

namespace atlasjob {

/// A terminal made for a command: what it writes is read from `near`, what is written there it
/// reads as if typed.
struct PseudoTerminal {
    UniqueFd near;     ///< Our end.
    UniqueFd far;      ///< Held open, so that the terminal lives while nobody else has it open.
    std::string path;  ///< Of the far end, for SpawnRequest::terminal.
};

/// Throws Error(unavailable) when the machine has no terminal to give.
PseudoTerminal open_pseudo_terminal();

}  // namespace atlasjob
