#include "runner/takedown.h"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace atlasjob {

Takedown::Takedown(Loop& loop, const Adoption& adoption, const PinnedProcess& command, Calls calls)
    : loop_(loop),
      adoption_(adoption),
      command_(command),
      calls_(std::move(calls)),
      kill_timer_(loop, [this] { kill_now(); }) {}

Signalled Takedown::forward(int signo) {
    const Signalled result = signal_session(command_, signo);
    signal_session(command_, SIGCONT);
    return result;
}

Signalled Takedown::terminate(milliseconds grace) {
    const Signalled result = forward(SIGTERM);
    session_told_ = true;
    for (const PinnedProcess& stray : adoption_.strays(command_.pid))
        end_stray(stray);
    kill_later(grace);
    return result;
}

void Takedown::kill_later(milliseconds grace) {
    if (!kill_timer_.running() && !killing_) kill_timer_.start(grace);
}

void Takedown::kill_now() {
    killing_ = true;
    kill_timer_.stop();
    // While the command lives its end is awaited; what it leaves is ended when clear_strays comes.
    signal_session(command_, SIGKILL);
    if (clearing_) look();
}

void Takedown::clear_strays(milliseconds grace) {
    clearing_ = true;
    stray_grace_ = grace;
    // The whole session at once: an orphan may be waiting for a child of its own to end.
    if (!session_told_ && !adoption_.strays(command_.pid).empty()) {
        forward(SIGTERM);
        session_told_ = true;
    }
    look();
}

/// Each end of a stray may hand us its own children, so each is followed by another look; when a
/// look finds nobody, nobody is left.
void Takedown::look() {
    ends_.clear();
    strays_ = adoption_.strays(command_.pid);
    std::erase_if(strays_, [this](const PinnedProcess& stray) { return !end_stray(stray); });
    if (strays_.empty()) {
        kill_timer_.stop();
        clearing_ = false;
        calls_.gone();
        return;
    }
    kill_later(stray_grace_);
    for (const PinnedProcess& stray : strays_)
        ends_.emplace_back(loop_, stray.pidfd.get(), FdWatch::Ready::readable, [this] { look(); });
}

/// False when nothing can be done about it.
bool Takedown::end_stray(const PinnedProcess& stray) {
    if (left_alone_.contains(stray.pid)) return false;
    if (killing_) return send(stray, SIGKILL);
    return has_been_told(stray) || (send(stray, SIGTERM) && send(stray, SIGCONT));
}

bool Takedown::send(const PinnedProcess& stray, int signo) {
    if (send_signal(stray, signo) != Signalled::refused) return true;
    left_alone_.insert(stray.pid);
    calls_.left_alone(stray.pid);
    return false;
}

/// Some programs take a second TERM for impatience and give up cleaning up.
bool Takedown::has_been_told(const PinnedProcess& stray) {
    const bool with_session = session_told_ && getsid(stray.pid) == command_.pid;
    return !told_.insert(stray.pid).second || with_session;
}

}  // namespace atlasjob
