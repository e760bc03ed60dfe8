#pragma once

#include "process/process_handle.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// The atlasjob processes on this ledger that run `command` ("worker", "slot", "gc", …).
std::vector<ProcessHandle> find_processes(const std::string& ledger, const std::string& command);

/// The living processes of attempts on this ledger, each as "job_id pid".
std::vector<std::string> living_attempts(const std::string& ledger);

/// Kills all atlasjob processes on this ledger and those of its attempts, and waits for their exit.
void kill_all(const std::string& ledger);

}  // namespace atlasjob::test
