#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace atlasjob::test {

/// Starts a program that is looked for in PATH, with our descriptors and environment. Throws
/// std::runtime_error when it cannot be started.
pid_t start_program(std::vector<std::string> words);

/// Waits for its end; throws std::runtime_error unless that was exit 0.
void await_success(pid_t pid);

}  // namespace atlasjob::test
