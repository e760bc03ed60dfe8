#pragma once

#include "event/loop.h"
#include "process/descendants.h"
#include "runner/attempt/supervisor.h"

#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace atlasjob {

/// Stops a command and all its descendants: the kill signal, grace, KILL. Signals first the whole
/// session of the command, then, once the command has exited, the descendants it left behind.
///
/// Belongs to the loop's thread. The command must not be reaped before gone() has been called.
class ProcessTreeTerminator {
  public:
    struct Calls {
        std::function<void()> gone;  ///< All descendants are gone. Called once.
        /// A process was left running because this account may not signal it.
        std::function<void(pid_t)> not_permitted;
    };

    struct Target {
        const ProcessHandle& command;  ///< Must outlive the terminator.
        int kill_signal;
    };

    ProcessTreeTerminator(
        Loop& loop, const Subreaper& subreaper, const Target& target, Calls calls);

    /// Sends a signal to the whole session, stopped processes included.
    Signalled forward(int signo);
    /// Sends the kill signal now, also to orphans outside the session, and KILL after `grace`. If
    /// called again, the first KILL is not delayed.
    Signalled terminate(milliseconds grace);
    /// Sends KILL after `grace`, unless it is scheduled already.
    void kill_later(milliseconds grace);
    /// Sends KILL now.
    void kill_now();
    /// Call when the command has exited. Sends the kill signal to its descendants now, unless they
    /// already received it, and KILL after `grace`, or earlier if terminate() scheduled it.
    void terminate_descendants(milliseconds grace);

  private:
    void check_descendants();
    bool stop(const ProcessHandle& process);
    bool send(const ProcessHandle& process, int signo);
    bool was_signalled(const ProcessHandle& process);

    Loop& loop_;
    const Subreaper& subreaper_;
    const ProcessHandle& command_;
    int kill_signal_;
    Calls calls_;
    Timer kill_timer_;
    milliseconds descendant_grace_{};
    bool terminating_descendants_ = false;
    bool killing_ = false;
    bool session_signalled_ = false;  ///< The whole session has received the kill signal.
    std::set<pid_t> signalled_;       ///< Descendants that have received it.
    std::set<pid_t> not_permitted_;   ///< Processes that this account may not signal.
    std::vector<ProcessHandle> descendants_;
    std::vector<FdWatch> exit_watches_;  ///< Of descendants_; destroyed before them.
};

}  // namespace atlasjob
