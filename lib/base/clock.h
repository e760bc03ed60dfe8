#pragma once

#include "base/time.h"

#include <string>

namespace atlasjob {

/// The wall clock and the monotonic clock, read at the same time.
struct ClockReading {
    Time time;
    /// Names the monotonic clock: the boot and time namespace it counts in. Uptimes of different
    /// clocks cannot be compared. Empty: unknown.
    std::string clock;
    milliseconds uptime{};  ///< CLOCK_MONOTONIC: does not count the time that the machine sleeps.

    friend bool operator==(const ClockReading&, const ClockReading&) = default;
};

/// The time from `from` to `to`: by the monotonic clock if both read the same one, so that neither
/// a step of the wall clock nor a sleep of the machine counts; otherwise by the wall clock.
[[nodiscard]] milliseconds elapsed(const ClockReading& from, const ClockReading& to);

/// Supplies the current time. A Store reads its own (open.h); tests pass a clock that they advance
/// by hand.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// The wall clock. Thread-safe.
    [[nodiscard]] virtual Time now() const = 0;
    /// Thread-safe.
    [[nodiscard]] virtual ClockReading read() const = 0;
};

/// The machine's clocks: the only caller of std::chrono::system_clock in the project.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] Time now() const override;
    [[nodiscard]] ClockReading read() const override;
};

/// A SystemClock that lives as long as the process.
[[nodiscard]] const Clock& machine_clock();

}  // namespace atlasjob
