#pragma once

#include "ledger/job.h"

#include <string>

namespace atlasjob::mcp {

/// A job's progress in one line, never empty: "running: embedding 300/711 (42 %)",
/// "queued: attempt 2 of 3 not before 2026-11-22T12:00:00.000Z", "error: command exited with 3".
std::string progress_line(const Job& job);

}  // namespace atlasjob::mcp
