#include "runner/attempt/process_tree_terminator.h"

#include <unistd.h>

#include <csignal>
#include <utility>

namespace atlasjob {

ProcessTreeTerminator::ProcessTreeTerminator(
    Loop& loop, const Subreaper& subreaper, const Target& target, Calls calls)
    : loop_(loop),
      subreaper_(subreaper),
      command_(target.command),
      kill_signal_(target.kill_signal),
      calls_(std::move(calls)),
      kill_timer_(loop, [this] { kill_now(); }) {}

Signalled ProcessTreeTerminator::forward(int signo) {
    const Signalled result = signal_session(command_, signo);
    signal_session(command_, SIGCONT);
    return result;
}

Signalled ProcessTreeTerminator::terminate(milliseconds grace) {
    const Signalled result = forward(kill_signal_);
    session_signalled_ = true;
    for (const ProcessHandle& process : subreaper_.descendants(command_.pid))
        stop(process);
    kill_later(grace);
    return result;
}

void ProcessTreeTerminator::kill_later(milliseconds grace) {
    if (!kill_timer_.running() && !killing_) kill_timer_.start(grace);
}

void ProcessTreeTerminator::kill_now() {
    killing_ = true;
    kill_timer_.stop();
    // Descendants outside the session are killed once the command has exited.
    signal_session(command_, SIGKILL);
    if (terminating_descendants_) check_descendants();
}

void ProcessTreeTerminator::terminate_descendants(milliseconds grace) {
    terminating_descendants_ = true;
    descendant_grace_ = grace;
    // Signal the whole session at once, as an orphan may be waiting for one of its children.
    if (!session_signalled_ && !subreaper_.descendants(command_.pid).empty()) {
        forward(kill_signal_);
        session_signalled_ = true;
    }
    check_descendants();
}

/// When a descendant exits, this process adopts its children, so every exit triggers another check.
/// Once a check finds none, none are left.
void ProcessTreeTerminator::check_descendants() {
    exit_watches_.clear();
    descendants_ = subreaper_.descendants(command_.pid);
    std::erase_if(descendants_, [this](const ProcessHandle& process) { return !stop(process); });
    if (descendants_.empty()) {
        kill_timer_.stop();
        terminating_descendants_ = false;
        calls_.gone();
        return;
    }
    kill_later(descendant_grace_);
    for (const ProcessHandle& process : descendants_)
        exit_watches_.emplace_back(
            loop_, process.pidfd.get(), FdWatch::Ready::readable, [this] { check_descendants(); });
}

/// Returns false if this account may not signal the process.
bool ProcessTreeTerminator::stop(const ProcessHandle& process) {
    if (not_permitted_.contains(process.pid)) return false;
    if (killing_) return send(process, SIGKILL);
    return was_signalled(process) || (send(process, kill_signal_) && send(process, SIGCONT));
}

bool ProcessTreeTerminator::send(const ProcessHandle& process, int signo) {
    if (send_signal(process, signo) != Signalled::refused) return true;
    not_permitted_.insert(process.pid);
    calls_.not_permitted(process.pid);
    return false;
}

/// Never send the kill signal twice: some programs then skip their cleanup.
bool ProcessTreeTerminator::was_signalled(const ProcessHandle& process) {
    const bool with_session = session_signalled_ && getsid(process.pid) == command_.pid;
    return !signalled_.insert(process.pid).second || with_session;
}

}  // namespace atlasjob
