#pragma once

#include <cstddef>

namespace atlasjob::view {

/// How many columns a terminal gives to a character that is no control character: none for
/// combining marks and joiners, two for East Asian wide ones and emoji, else one.
std::size_t char_width(char32_t code);

}  // namespace atlasjob::view
