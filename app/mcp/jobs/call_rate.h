#pragma once

#include "base/time.h"

#include <optional>

namespace atlasjob::mcp {

/// A token bucket: as many calls as it allows a minute, at once if they come at once, and from then
/// on as fast as it fills again. One thread.
class CallRate {
  public:
    explicit CallRate(int per_minute) : per_minute_(per_minute) {}

    /// Takes a token and returns nothing; without one to take, returns in how many seconds, from 1,
    /// there is one.
    std::optional<int> refuse(Time now);

  private:
    void fill(Time now);

    /// What a token is made of: so many a millisecond flow in that nothing is ever rounded.
    static constexpr std::int64_t kToken = 60'000;

    std::int64_t per_minute_;
    std::int64_t level_ = 0;
    std::optional<Time> filled_at_;
};

}  // namespace atlasjob::mcp
