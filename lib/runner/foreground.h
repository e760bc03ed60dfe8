#pragma once

#include "process/loop.h"

#include <functional>
#include <vector>

namespace atlasjob {

/// Whether this process ignores the signal.
bool is_ignored(int signo);

/// The signals a terminal or a parent sends to a program in the foreground, as callbacks.
/// One that is ignored when this begins (nohup, a shell's background job) stays ignored.
class ForegroundSignals {
  public:
    struct Calls {
        std::function<void(int signo)> interrupted;  ///< INT, TERM, HUP or QUIT.
        std::function<void()> asked_to_stop;         ///< TSTP, the terminal's Ctrl-Z.
    };

    ForegroundSignals(Loop& loop, const Calls& calls);

  private:
    std::vector<SignalWatch> watches_;
};

}  // namespace atlasjob
