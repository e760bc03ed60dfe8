#pragma once

#include "base/error.h"

namespace atlasjob::mcp {

/// The error without advice about command-line options, which an agent cannot change. Whole
/// commands, in backticks, stay: an agent with a shell can run them.
Error for_agents(const Error& error);

}  // namespace atlasjob::mcp
