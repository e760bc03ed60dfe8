#pragma once

#include "base/file.h"
#include "process/exit_status.h"
#include "process/proc.h"

#include <span>

namespace atlasjob {

/// What became of a signal.
enum class Signalled {
    sent,
    gone,     ///< There is nobody left to get it.
    refused,  ///< It belongs to another user and is not ours to signal.
};

/// A process held by a pidfd, so that it cannot be taken for a later one with its pid. The
/// descriptor becomes readable when the process ends.
struct ProcessHandle {
    pid_t pid = 0;
    UniqueFd pidfd;
};

/// Pins the process that `stat` was read of. Nothing when it has ended or its pid has another
/// owner by now. Throws Error(unavailable) when the descriptors are used up.
std::optional<ProcessHandle> pin(const ProcStat& stat);

/// Pins a child that nobody has reaped. Throws Error(unavailable) when the descriptors are used up.
ProcessHandle pin_child(pid_t pid);

Signalled send_signal(const ProcessHandle& process, int signo);

/// How a child ended, or nothing while it lives. Does not reap it: its pid, and with it the id of
/// its group and session, stays taken until reap().
std::optional<ExitStatus> ended(const ProcessHandle& child);

/// Lets go of an ended child. Its pid may be reused from now on.
void reap(pid_t child);

/// Sleeps until every one of `processes` has ended or `timeout_ms` has passed (negative: for ever);
/// true when all have.
bool await_end(std::span<const ProcessHandle> processes, int timeout_ms);

}  // namespace atlasjob
