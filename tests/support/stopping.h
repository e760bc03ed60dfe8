#pragma once

#include <sys/types.h>

#include <span>
#include <string>

namespace atlasjob::test {

/// Stops processes that use a ledger (SIGSTOP), at a moment at which none of them is about to
/// write: the write gate is free. Returns once all of them stand still.
void stop_between_writes(const std::string& ledger, std::span<const pid_t> processes);

/// Lets them go on.
void let_go_on(std::span<const pid_t> processes);

}  // namespace atlasjob::test
