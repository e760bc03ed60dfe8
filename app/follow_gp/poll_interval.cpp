#include "follow_gp/poll_interval.h"

#include <algorithm>

namespace atlasjob::follow_gp {

PollInterval::PollInterval(milliseconds min, milliseconds max)
    : min_(min), max_(std::max(min, max)), wait_(min) {}

milliseconds PollInterval::next() {
    const milliseconds wait = wait_;
    wait_ = std::min(max_, wait_ + std::max(wait_ / 2, milliseconds{1}));
    return wait;
}

}  // namespace atlasjob::follow_gp
