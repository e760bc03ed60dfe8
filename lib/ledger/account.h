#pragma once

#include <cstdint>

namespace atlasjob {

/// An account of the operating system, by its number (uid).
using AccountId = std::int64_t;

}  // namespace atlasjob
