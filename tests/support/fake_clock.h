#pragma once

#include "base/clock.h"

#include <atomic>

namespace atlasjob::test {

/// A clock that moves only by `advance`. May be read from any thread.
class FakeClock final : public Clock {
  public:
    /// 2026-11-22T12:00:00.000Z
    static constexpr std::int64_t kStartMs = 1'795'348'800'000;

    Time now() const override { return from_ms(ms_.load()); }
    void advance(milliseconds by) { ms_ += by.count(); }

  private:
    std::atomic<std::int64_t> ms_{kStartMs};
};

}  // namespace atlasjob::test
