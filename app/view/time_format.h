#pragma once

#include "base/time.h"

#include <string>

namespace atlasjob::view {

/// A duration in its two largest units: "3m 12s", "2d 4h", "850ms".
std::string span_text(milliseconds span);

/// `time` relative to `now`: "3m 12s ago", "in 2h 5m", "just now".
std::string relative_text(Time time, Time now);

/// `time` in the user's time zone (TZ): "14:02:11" on the day of `now`, else "2026-11-22 14:02:11".
/// Thread-safe.
std::string clock_text(Time time, Time now);

/// Relative and absolute: "3m 12s ago (14:02:11)".
std::string time_text(Time time, Time now);

}  // namespace atlasjob::view
