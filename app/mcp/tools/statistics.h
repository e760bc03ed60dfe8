#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// What get_job_statistics answers. There must be a principal. Throws Error when the ledger cannot
/// be read.
std::string own_statistics_json(const ToolContext& context);

}  // namespace atlasjob::mcp
