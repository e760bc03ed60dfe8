#pragma once

#include "mcp/tools/tool.h"

#include <vector>

namespace atlasjob::mcp {

/// The most values the specification allows in one answer.
inline constexpr std::size_t kMaxCompletions = 100;

/// Ids of the principal's own jobs that begin with `prefix`, newest first: at most kMaxCompletions,
/// taken from the newest thousand jobs. Empty without a principal or a ledger. Throws Error if the
/// ledger cannot be read.
std::vector<std::string> complete_job_id(const ToolContext& context, std::string_view prefix);

}  // namespace atlasjob::mcp
