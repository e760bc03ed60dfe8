#pragma once

#include "base/file.h"

#include <string_view>

namespace atlasjob {

/// A descriptor to read `bytes` from, at their beginning: a file in memory that nobody can write
/// or change any more and that is gone with its last descriptor. Nobody has to feed it, so a
/// command that never reads costs nothing. Throws Error(unavailable).
UniqueFd make_input(std::string_view bytes);

/// The same for anything else; `what` it is stands in the error.
UniqueFd make_sealed(std::string_view bytes, std::string_view what);

/// Whether a descriptor is such a file in memory.
bool is_sealed(int fd);

}  // namespace atlasjob
