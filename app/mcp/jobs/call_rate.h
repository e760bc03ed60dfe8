#pragma once

#include "base/time.h"

#include <optional>

namespace atlasjob::mcp {

/// A token bucket: allows a burst of up to `per_minute` calls, then as many as it refills. Not
/// thread-safe.
class CallRate {
  public:
    explicit CallRate(int per_minute) : per_minute_(per_minute) {}

    /// Takes a token and returns nullopt; if there is none, returns the seconds (at least 1) until
    /// the next.
    std::optional<int> refuse(Time now);

  private:
    void fill(Time now);

    /// Units per token, chosen so that refilling by the millisecond never rounds.
    static constexpr std::int64_t kToken = 60'000;

    std::int64_t per_minute_;
    std::int64_t level_ = 0;
    std::optional<Time> filled_at_;
};

}  // namespace atlasjob::mcp
