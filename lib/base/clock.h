#pragma once

#include "base/time.h"

namespace atlasjob {

/// Supplies the current time. The library takes `Time now` as an argument instead; tests pass a
/// clock that they advance by hand.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// Thread-safe.
    virtual Time now() const = 0;
};

/// The machine's wall clock: the only caller of std::chrono::system_clock in the project.
class SystemClock final : public Clock {
  public:
    Time now() const override;
};

}  // namespace atlasjob
