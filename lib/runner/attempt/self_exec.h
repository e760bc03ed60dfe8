#pragma once

#include "process/spawn.h"

namespace atlasjob {

/// Where a copy of this program starts: as a rule, where it is in nobody's way.
struct SelfExecOptions {
    std::string cwd = "/";
    unsigned umask = 077;
};

/// Starts this very program once more, whatever its file is called by now: detached, in a session
/// of its own, with these descriptors and no others, and with our environment but for what it tells
/// about an attempt that we may be part of. The child is the caller's: reap() it.
std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& surroundings = {});

/// Whether a process is a worker or a slot of this program, supervises a job that was detached
/// (detached.h), or runs what a job has said for its end (on_end.h). Such a one belongs to the
/// ledger, not to the job that happened to start it.
bool is_ledger_process(pid_t pid);

}  // namespace atlasjob
