#pragma once

#include "mcp/tools/tool.h"

#include <vector>

namespace atlasjob::mcp {

/// As many values as a client takes in one answer.
inline constexpr std::size_t kMaxCompletions = 100;

/// Ids of the principal's own jobs that begin with `prefix`, newest first, at most kMaxCompletions
/// of the newest thousand. None without a principal or a ledger. Throws Error when it cannot be
/// read.
std::vector<std::string> complete_job_id(const ToolContext& context, std::string_view prefix);

}  // namespace atlasjob::mcp
