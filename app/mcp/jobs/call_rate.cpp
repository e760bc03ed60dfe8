#include "mcp/jobs/call_rate.h"

#include <algorithm>

namespace atlasjob::mcp {

void CallRate::fill(Time now) {
    const std::int64_t full = per_minute_ * kToken;
    if (!filled_at_) {
        level_ = full;
    } else {
        // A clock that steps back must not empty it, one that steps forward fills it at most.
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
    const std::int64_t flow_a_second = per_minute_ * 1000;
    return static_cast<int>((missing + flow_a_second - 1) / flow_a_second);
}

}  // namespace atlasjob::mcp
