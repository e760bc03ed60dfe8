#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// The answer of get_job_statistics. The principal must be set. Throws Error if the ledger cannot
/// be read.
std::string own_statistics_json(const ToolContext& context);

}  // namespace atlasjob::mcp
