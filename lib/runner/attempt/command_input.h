#pragma once

#include "base/file.h"

#include <string_view>

namespace atlasjob {

// The fixed standard input of a command. An interactive one comes from JobInput (log_store.h).

/// A read-only descriptor of `bytes`, at their beginning: a sealed file in memory (memfd), which
/// cannot be changed and is freed with its last descriptor. Unlike a pipe it needs no writer.
/// Throws Error(unavailable).
UniqueFd make_input(std::string_view bytes);

/// The same for other purposes; `what` names the content in the error.
UniqueFd make_sealed(std::string_view bytes, std::string_view what);

/// Whether the descriptor is such a sealed file.
bool is_sealed(int fd);

}  // namespace atlasjob
