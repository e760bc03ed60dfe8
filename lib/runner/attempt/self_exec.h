#pragma once

#include "ledger/address.h"
#include "process/spawn.h"

#include <optional>

namespace atlasjob {

struct SelfExecOptions {
    std::string cwd = "/";
    unsigned umask = 077;
    /// Passed in the environment. nullopt: as this process has it.
    std::optional<LedgerAddress> ledger = std::nullopt;
    /// nullopt: as this process has them.
    std::optional<ProcessAttributes> attributes = std::nullopt;
};

/// Starts another process of this program, even if its file has been renamed or replaced: in a
/// session of its own, with exactly these descriptors, and with the environment of this process
/// except for variables that describe an attempt it may be part of. The caller must reap() the
/// child.
[[nodiscard]] std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options = {});

/// What self_exec() spawns.
[[nodiscard]] SpawnRequest self_exec_request(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options);

/// Marks this process as one that belongs to the ledger and not to the job that may have started
/// it, by executing this program again with the same arguments, the mark, and no attempt in its
/// environment. Returns if the process has the mark, as what self_exec started does, or if it
/// cannot be executed again: a job that started it ends it then. To be called before any thread,
/// connection or lock.
void become_ledger_process();

/// Whether a process is marked and runs a program of atlasjob: a worker, a slot, the supervisor of
/// a detached job (detached.h), or the runner of an on-end hook (on_end.h).
[[nodiscard]] bool is_ledger_process(pid_t pid);

}  // namespace atlasjob
