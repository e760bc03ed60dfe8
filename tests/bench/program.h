#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace atlasjob::test {

/// Starts a program from PATH with this process's descriptors and environment. Throws
/// std::runtime_error if it cannot be started.
pid_t start_program(std::vector<std::string> words);

/// Waits for a process to exit; throws std::runtime_error unless it exits with 0.
void await_success(pid_t pid);

}  // namespace atlasjob::test
