#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

using std::chrono::milliseconds;

/// A point in time as the ledger stores it: UTC, whole milliseconds.
using Time = std::chrono::sys_time<milliseconds>;

[[nodiscard]] constexpr std::int64_t to_ms(Time time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] constexpr Time from_ms(std::int64_t ms) {
    return Time{milliseconds{ms}};
}

/// "2026-11-22T12:00:00.250Z": RFC 3339, UTC, always with three fraction digits.
[[nodiscard]] std::string format_time(Time time);

/// Parses an RFC 3339 time with a zone ("Z" or "+01:00") and up to nine fraction digits, truncated
/// to milliseconds. Returns nullopt for anything else.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

}  // namespace atlasjob
