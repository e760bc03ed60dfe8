#pragma once

#include <cstddef>

namespace atlasjob::view {

/// Number of terminal columns of a character that is not a control character: 0 for combining marks
/// and joiners, 2 for East Asian wide characters and emoji, else 1.
std::size_t char_width(char32_t code);

}  // namespace atlasjob::view
