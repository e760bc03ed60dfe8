#pragma once

#include "base/clock.h"

#include <atomic>
#include <utility>

namespace atlasjob::test {

/// A clock that moves only when told to. May be read from any thread.
class FakeClock final : public Clock {
  public:
    /// 2026-11-22T12:00:00.000Z
    static constexpr std::int64_t kStartMs = 1'795'348'800'000;

    FakeClock() = default;
    /// A clock of another machine or boot: its uptimes cannot be compared with those of others.
    explicit FakeClock(std::string name) : name_(std::move(name)) {}

    [[nodiscard]] Time now() const override { return from_ms(ms_.load()); }
    [[nodiscard]] ClockReading read() const override {
        return {now(), name_, milliseconds{uptime_ms_.load()}};
    }
    /// Time passes.
    void advance(milliseconds by) {
        ms_ += by.count();
        uptime_ms_ += by.count();
    }
    /// The wall clock is set, or the machine sleeps: the monotonic clock does not move.
    void step(milliseconds by) { ms_ += by.count(); }
    void set(Time time) { ms_ = to_ms(time); }

  private:
    std::atomic<std::int64_t> ms_{kStartMs};
    std::atomic<std::int64_t> uptime_ms_{1'000'000};
    std::string name_ = "boot/1";
};

/// The clock of another machine, ahead of this one's: its uptimes cannot be compared.
class ClockAhead final : public Clock {
  public:
    explicit ClockAhead(milliseconds by) : ahead_(by) {}

    [[nodiscard]] Time now() const override { return SystemClock{}.now() + ahead_; }
    [[nodiscard]] ClockReading read() const override { return {now(), {}, {}}; }
    void advance(milliseconds by) { ahead_ += by; }

  private:
    milliseconds ahead_;
};

}  // namespace atlasjob::test
