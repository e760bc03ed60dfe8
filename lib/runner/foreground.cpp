#include "runner/foreground.h"

#include <csignal>

namespace atlasjob {

bool is_ignored(int signo) {
    struct sigaction action {};
    return sigaction(signo, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

ForegroundSignals::ForegroundSignals(Loop& loop, const Calls& calls) {
    for (const int signo : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        if (is_ignored(signo)) continue;
        watches_.emplace_back(
            loop, signo, [interrupted = calls.interrupted, signo] { interrupted(signo); });
    }
    if (!is_ignored(SIGTSTP)) watches_.emplace_back(loop, SIGTSTP, calls.asked_to_stop);
}

}  // namespace atlasjob
