#pragma once

#include "base/error.h"

namespace atlasjob::mcp {

/// The error without advice about options of the command line, which only whoever started the
/// server can follow. Whole commands, in backticks, stay: an agent with a shell can run them.
Error for_agents(const Error& error);

}  // namespace atlasjob::mcp
