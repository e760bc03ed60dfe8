#pragma once

#include "process/spawn.h"

namespace atlasjob {

struct SelfExecOptions {
    std::string cwd = "/";
    unsigned umask = 077;
};

/// Starts another process of this program, even if its file has been renamed or replaced: in a
/// session of its own, with exactly these descriptors, and with the environment of this process
/// except for variables that describe an attempt it may be part of. The caller must reap() the
/// child.
std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options = {});

/// Whether a process is a worker, a slot, the supervisor of a detached job (detached.h) or the
/// runner of a hook (on_end.h). Such a process does not count as a descendant of the job from which
/// it was started.
bool is_ledger_process(pid_t pid);

}  // namespace atlasjob
