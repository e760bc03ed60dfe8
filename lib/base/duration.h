#pragma once

#include "base/time.h"

namespace atlasjob {

/// Parses "500ms", "30s", "15m", "2h", "7d", "1w" and sums such as "1h30m". Returns nullopt for
/// anything else: a missing unit, a sign, a fraction, or more than 100 years.
[[nodiscard]] std::optional<milliseconds> parse_duration(std::string_view text);

/// A text in days and smaller units that parse_duration turns back into the same value: "1h30m",
/// "14d", "250ms", "0s".
[[nodiscard]] std::string format_duration(milliseconds duration);

}  // namespace atlasjob
