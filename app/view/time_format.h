#pragma once

#include "base/time.h"

#include <string>

namespace atlasjob::view {

/// A length of time for people, in its two largest units: "3m 12s", "2d 4h", "850ms".
std::string span_text(milliseconds span);

/// Where `time` lies from `now`: "3m 12s ago", "in 2h 5m", "just now".
std::string relative_text(Time time, Time now);

/// `time` on the wall clock of the user's zone (TZ): "14:02:11" on the day of `now`, else
/// "2026-11-22 14:02:11". May be called from any thread.
std::string clock_text(Time time, Time now);

/// Both: "3m 12s ago (14:02:11)".
std::string moment_text(Time time, Time now);

}  // namespace atlasjob::view
