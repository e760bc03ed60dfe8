#pragma once

#include "base/time.h"

namespace atlasjob::follow_gp {

/// How long to wait before asking again: `least` at first, half as long again each time, up to
/// `most`.
class PollInterval {
  public:
    PollInterval(milliseconds least, milliseconds most);

    /// The next wait.
    milliseconds next();
    /// Something has happened: more may follow soon.
    void reset() { wait_ = least_; }

  private:
    milliseconds least_;
    milliseconds most_;
    milliseconds wait_;
};

}  // namespace atlasjob::follow_gp
