#pragma once

#include "base/time.h"

namespace atlasjob {

/// Where "now" comes from. Everything below the programs takes `Time now` as an argument instead;
/// tests hand in a clock they move by hand.
class Clock {
  public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// The current time. May be called from any thread.
    virtual Time now() const = 0;
};

/// The machine's wall clock: the only caller of std::chrono::system_clock in the project.
class SystemClock final : public Clock {
  public:
    Time now() const override;
};

}  // namespace atlasjob
