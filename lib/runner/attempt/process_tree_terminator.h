#pragma once

#include "event/loop.h"
#include "process/descendants.h"
#include "runner/attempt/supervisor.h"

#include <functional>
#include <optional>
#include <set>
#include <vector>

namespace atlasjob {

/// Stops a command and everything it started: TERM, grace, KILL. First the whole session of the
/// command, then, once the command itself has ended, whatever it left behind.
///
/// Belongs to the loop's thread. The command must not be reaped before gone() has been called.
class ProcessTreeTerminator {
  public:
    struct Calls {
        std::function<void()> gone;  ///< Nothing of the command is left. Once.
        /// A process that is not ours to signal stays behind.
        std::function<void(pid_t)> left_alone;
    };

    ProcessTreeTerminator(
        Loop& loop, const Subreaper& subreaper, const ProcessHandle& command, Calls calls);

    /// Sends a signal to the whole session, stopped processes included.
    Signalled forward(int signo);
    /// TERM now, to orphans outside the session too, and KILL after `grace`. Asked again, the
    /// earlier KILL counts.
    Signalled terminate(milliseconds grace);
    /// KILL now.
    void kill_now();
    /// The command has ended: looks after what it left behind, which gets TERM now (if it has not
    /// had it) and KILL after `grace`, or earlier where terminate() said so.
    void terminate_descendants(milliseconds grace);

  private:
    void look();
    bool end_stray(const ProcessHandle& stray);
    bool send(const ProcessHandle& stray, int signo);
    bool has_been_told(const ProcessHandle& stray);
    void kill_later(milliseconds grace);

    Loop& loop_;
    const Subreaper& subreaper_;
    const ProcessHandle& command_;
    Calls calls_;
    Timer kill_timer_;
    milliseconds stray_grace_{};
    bool clearing_ = false;
    bool killing_ = false;
    bool session_told_ = false;   ///< Everybody in the session has had its TERM,
    std::set<pid_t> told_;        ///< and these strays have.
    std::set<pid_t> left_alone_;  ///< Not ours to signal.
    std::vector<ProcessHandle> strays_;
    std::vector<FdWatch> ends_;  ///< Of strays_; gone before them.
};

}  // namespace atlasjob
