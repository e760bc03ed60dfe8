#pragma once

#include "mcp/tools/tool.h"

namespace atlasjob::mcp {

/// Starts the job of an action's tool with the caller's arguments.
ToolAnswer call_action(
    const ToolContext& context, const Tool& tool, const nlohmann::json& arguments);

}  // namespace atlasjob::mcp
