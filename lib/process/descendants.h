#pragma once

#include "process/process_handle.h"

#include <functional>
#include <string>

namespace atlasjob {

/// Sends `signo` to every process in the session of `leader`, whatever its process group. `leader`
/// must be a child that has not been reaped, so that its pid cannot be reused. Returns sent if at
/// least one process received it. A stopped process acts on it only after SIGCONT (except SIGKILL).
Signalled signal_session(const ProcessHandle& leader, int signo);

/// The processes of a session, whose leader may have exited.
[[nodiscard]] std::vector<ProcessHandle> find_session(pid_t session);

/// The processes whose initial environment contains all of `assignments` ("NAME=value"). Finds only
/// processes whose environment this account may read; never this process.
[[nodiscard]] std::vector<ProcessHandle> find_by_environment(
    std::span<const std::string> assignments);

/// The live children of this process that match, adopted ones included, found by their parent's
/// pid.
[[nodiscard]] std::vector<ProcessHandle> find_children(
    const std::function<bool(const ProcStat&)>& matches);

/// Makes this process the subreaper of its descendants (PR_SET_CHILD_SUBREAPER): it adopts their
/// orphans, so that everything a command leaves running can be found, even after setsid(2). Create
/// one before spawning the command. The process remains a subreaper when this object is destroyed,
/// and SIGCHLD, if it was ignored, stays at its default.
///
/// Every descendant of a command is below the command's process or below an adopted orphan: once
/// the command has exited and descendants() is empty, nothing of it is left.
class Subreaper {
  public:
    /// `excluded` returns true for processes that never count as descendants of a command.
    explicit Subreaper(std::function<bool(pid_t)> excluded = {});

    /// The live adopted orphans of the command `leader`; may reap dead ones. Leaves out `leader`,
    /// children from before this object, excluded processes, and processes in this process's own
    /// session, which a command with a session of its own cannot have started.
    [[nodiscard]] std::vector<ProcessHandle> descendants(pid_t leader) const;
    /// Reaps dead orphans, but none of `own` and no child from before this object. Call it on
    /// SIGCHLD: a command may leave thousands behind, and each zombie counts as a process.
    void reap_orphans(std::span<const pid_t> own) const;

  private:
    bool may_be_orphan(const ProcStat& child, pid_t leader) const;

    std::function<bool(pid_t)> excluded_;
    std::vector<pid_t> earlier_children_;
    pid_t session_;
};

}  // namespace atlasjob
