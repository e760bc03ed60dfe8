#pragma once

#include "base/time.h"

namespace atlasjob::follow_gp {

/// The time until the next poll: `min` at first, 1.5 times as long after each poll, up to `max`.
class PollInterval {
  public:
    PollInterval(milliseconds min, milliseconds max);

    /// The time to wait before the next poll.
    milliseconds next();
    /// Starts again at `min`. Called when something has changed.
    void reset() { wait_ = min_; }

  private:
    milliseconds min_;
    milliseconds max_;
    milliseconds wait_;
};

}  // namespace atlasjob::follow_gp
