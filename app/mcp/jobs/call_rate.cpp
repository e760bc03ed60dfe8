#include "mcp/jobs/call_rate.h"

#include <algorithm>

namespace atlasjob::mcp {

void CallRate::fill(Time now) {
    const std::int64_t full = per_minute_ * kToken;
    if (!filled_at_) {
        level_ = full;
    } else {
        // A clock stepping back must not drain the bucket; one stepping forward only fills it.
        const auto passed = std::clamp<std::int64_t>((now - *filled_at_).count(), 0, kToken);
        level_ = std::min(full, level_ + passed * per_minute_);
    }
    filled_at_ = now;
}

std::optional<int> CallRate::refuse(Time now) {
    fill(now);
    if (level_ >= kToken) {
        level_ -= kToken;
        return {};
    }
    const std::int64_t missing = kToken - level_;
    const std::int64_t refill_per_second = per_minute_ * 1000;
    return static_cast<int>((missing + refill_per_second - 1) / refill_per_second);
}

}  // namespace atlasjob::mcp
