#pragma once

#include "process/process_handle.h"

#include <string>
#include <vector>

namespace atlasjob::test {

/// The processes of the program on this ledger that run `command` ("worker", "slot", "gc", …).
std::vector<ProcessHandle> find_ours(const std::string& ledger, const std::string& command);

/// The job_ids of attempts on this ledger of which processes are alive, "job_id pid" each.
std::vector<std::string> living_attempts(const std::string& ledger);

/// Kills whatever of the program and of its attempts is there, and awaits its end.
void kill_all(const std::string& ledger);

}  // namespace atlasjob::test
