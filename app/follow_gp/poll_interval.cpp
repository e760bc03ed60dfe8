#include "follow_gp/poll_interval.h"

#include <algorithm>

namespace atlasjob::follow_gp {

PollInterval::PollInterval(milliseconds least, milliseconds most)
    : least_(least), most_(std::max(least, most)), wait_(least) {}

milliseconds PollInterval::next() {
    const milliseconds wait = wait_;
    wait_ = std::min(most_, wait_ + std::max(wait_ / 2, milliseconds{1}));
    return wait;
}

}  // namespace atlasjob::follow_gp
