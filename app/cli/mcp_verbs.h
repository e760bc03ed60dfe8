#pragma once

#include "mcp/tool.h"

#include <string>

namespace atlasjob::cli {

/// Opens the verbs of an `--allow`, with commas between them, in `allowed`. Throws invalid_argument
/// for one that is none and names those there are.
void allow(const std::string& verbs, mcp::Allowed& allowed);

}  // namespace atlasjob::cli
