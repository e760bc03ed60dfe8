#pragma once

#include "mcp/tool.h"

#include <string>

namespace atlasjob::cli {

/// Opens the verbs of an `--allow`, with commas between them, in `allowed`. Throws invalid_argument
/// for one that is none and names those there are.
void allow(const std::string& verbs, mcp::Allowed& allowed);

/// Reads "60/min", or "60". Throws invalid_argument that names the option and the text.
int calls_per_minute(const std::string& text);

}  // namespace atlasjob::cli
