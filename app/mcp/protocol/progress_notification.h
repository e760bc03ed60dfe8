#pragma once

#include "ledger/job.h"

#include <string>

namespace atlasjob::mcp {

/// How far a job is, in one line that is never empty: "running: embedding 300/711 (42 %)",
/// "queued: attempt 2 of 3 not before 2026-11-22T12:00:00.000Z", "error: command exited with 3".
std::string progress_line(const Job& job);

}  // namespace atlasjob::mcp
