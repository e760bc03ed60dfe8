#pragma once

#include "base/process_identity.h"
#include "ledger/policy.h"

#include <sys/types.h>

#include <optional>

namespace atlasjob {

/// Who this process is. Parts that /proc does not tell are empty or 0.
ProcessIdentity current_process();

/// Who process `pid` of our pid namespace is, a zombie not yet reaped included. Nothing when there
/// is no such process.
std::optional<ProcessIdentity> identify(pid_t pid);

/// What is known of that process now:
///   gone     no such process, a zombie, another process with its pid, or an earlier boot
///   unknown  of another pid namespace, or hidden from us, or an identity with parts missing
///   alive    otherwise
Liveness liveness_of(const ProcessIdentity& process);

/// Whether that process is alive and stopped (Ctrl-Z, SIGSTOP): silent, but not lost.
bool is_stopped(const ProcessIdentity& process);

}  // namespace atlasjob
