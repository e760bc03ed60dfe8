#pragma once

#include "base/time.h"

namespace atlasjob {

/// Reads "500ms", "30s", "15m", "2h", "7d" and sums such as "1h30m". Returns nothing for anything
/// else: no unit, a sign, a fraction, or more than 100 years.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The shortest text that parse_duration reads back to the same value: "1h30m", "250ms", "0s".
std::string format_duration(milliseconds duration);

}  // namespace atlasjob
