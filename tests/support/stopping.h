#pragma once

#include <sys/types.h>

#include <span>
#include <string>

namespace atlasjob::test {

/// Sends SIGSTOP to processes that use a ledger at a time when none of them holds the writer lock.
/// Returns once all of them have stopped.
void stop_between_writes(const std::string& ledger, std::span<const pid_t> processes);

/// Sends SIGCONT to the processes.
void continue_processes(std::span<const pid_t> processes);

}  // namespace atlasjob::test
