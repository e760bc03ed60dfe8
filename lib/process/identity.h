#pragma once

#include "base/process_identity.h"
#include "ledger/policy.h"

#include <sys/types.h>

#include <optional>

namespace atlasjob {

/// The identity of this process. Parts that /proc does not show are empty or 0.
[[nodiscard]] ProcessIdentity current_process();

/// The identity of process `pid` of this pid namespace, which may be a zombie; nullopt if there is
/// no such process.
[[nodiscard]] std::optional<ProcessIdentity> identify(pid_t pid);

/// Whether that process is alive now:
///   gone     no such process, a zombie, its pid was reused, or it ran before a reboot of this
///            machine
///   unknown  on another machine, in another pid namespace, hidden from this account, or the
///            identity is incomplete; also if there is a process with its pid but the start was
///            noted in another time namespace
///   alive    otherwise
[[nodiscard]] Liveness liveness_of(const ProcessIdentity& process);

/// Whether that process is alive but stopped (Ctrl-Z, SIGSTOP), and therefore silent but not lost.
[[nodiscard]] bool is_stopped(const ProcessIdentity& process);

}  // namespace atlasjob
