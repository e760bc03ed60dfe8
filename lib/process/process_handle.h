#pragma once

#include "base/file.h"
#include "process/exit_status.h"
#include "process/proc.h"

#include <span>

namespace atlasjob {

/// Result of sending a signal.
enum class Signalled {
    sent,
    gone,     ///< The process has exited.
    refused,  ///< It belongs to another user: EPERM.
};

/// A process held by a pidfd, so that it cannot be confused with a later one that reuses its pid.
/// The descriptor becomes readable when the process exits.
struct [[nodiscard]] ProcessHandle {
    pid_t pid = 0;
    UniqueFd pidfd;
};

/// Opens a pidfd of the process that `stat` describes; nullopt if it has exited or its pid has been
/// reused. Throws Error(unavailable) when out of descriptors.
[[nodiscard]] std::optional<ProcessHandle> pin(const ProcStat& stat);

/// Opens a pidfd of a child that has not been reaped. Throws Error(unavailable) when out of
/// descriptors.
ProcessHandle pin_child(pid_t pid);

Signalled send_signal(const ProcessHandle& process, int signo);

/// How a child ended; nullopt while it is alive. Does not reap it: its pid, and with it the id of
/// its group and session, is not reused before reap().
[[nodiscard]] std::optional<ExitStatus> ended(const ProcessHandle& child);

/// Reaps a dead child. Its pid may be reused from now on.
void reap(pid_t child);

/// Waits until all of `processes` have exited or `timeout_ms` has passed (negative: no limit);
/// returns whether all have exited.
bool await_end(std::span<const ProcessHandle> processes, int timeout_ms);

}  // namespace atlasjob
