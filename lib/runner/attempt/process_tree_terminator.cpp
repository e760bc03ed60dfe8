#include "runner/attempt/process_tree_terminator.h"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace atlasjob {

ProcessTreeTerminator::ProcessTreeTerminator(
    Loop& loop, const Subreaper& subreaper, const ProcessHandle& command, Calls calls)
    : loop_(loop),
      subreaper_(subreaper),
      command_(command),
      calls_(std::move(calls)),
      kill_timer_(loop, [this] { kill_now(); }) {}

Signalled ProcessTreeTerminator::forward(int signo) {
    const Signalled result = signal_session(command_, signo);
    signal_session(command_, SIGCONT);
    return result;
}

Signalled ProcessTreeTerminator::terminate(milliseconds grace) {
    const Signalled result = forward(SIGTERM);
    session_told_ = true;
    for (const ProcessHandle& stray : subreaper_.descendants(command_.pid))
        end_stray(stray);
    kill_later(grace);
    return result;
}

void ProcessTreeTerminator::kill_later(milliseconds grace) {
    if (!kill_timer_.running() && !killing_) kill_timer_.start(grace);
}

void ProcessTreeTerminator::kill_now() {
    killing_ = true;
    kill_timer_.stop();
    // While the command lives its end is awaited; what it leaves is ended when
    // terminate_descendants comes.
    signal_session(command_, SIGKILL);
    if (clearing_) look();
}

void ProcessTreeTerminator::terminate_descendants(milliseconds grace) {
    clearing_ = true;
    stray_grace_ = grace;
    // The whole session at once: an orphan may be waiting for a child of its own to end.
    if (!session_told_ && !subreaper_.descendants(command_.pid).empty()) {
        forward(SIGTERM);
        session_told_ = true;
    }
    look();
}

/// Each end of a stray may hand us its own children, so each is followed by another look; when a
/// look finds nobody, nobody is left.
void ProcessTreeTerminator::look() {
    ends_.clear();
    strays_ = subreaper_.descendants(command_.pid);
    std::erase_if(strays_, [this](const ProcessHandle& stray) { return !end_stray(stray); });
    if (strays_.empty()) {
        kill_timer_.stop();
        clearing_ = false;
        calls_.gone();
        return;
    }
    kill_later(stray_grace_);
    for (const ProcessHandle& stray : strays_)
        ends_.emplace_back(loop_, stray.pidfd.get(), FdWatch::Ready::readable, [this] { look(); });
}

/// False when nothing can be done about it.
bool ProcessTreeTerminator::end_stray(const ProcessHandle& stray) {
    if (left_alone_.contains(stray.pid)) return false;
    if (killing_) return send(stray, SIGKILL);
    return has_been_told(stray) || (send(stray, SIGTERM) && send(stray, SIGCONT));
}

bool ProcessTreeTerminator::send(const ProcessHandle& stray, int signo) {
    if (send_signal(stray, signo) != Signalled::refused) return true;
    left_alone_.insert(stray.pid);
    calls_.left_alone(stray.pid);
    return false;
}

/// Some programs take a second TERM for impatience and give up cleaning up.
bool ProcessTreeTerminator::has_been_told(const ProcessHandle& stray) {
    const bool with_session = session_told_ && getsid(stray.pid) == command_.pid;
    return !told_.insert(stray.pid).second || with_session;
}

}  // namespace atlasjob
