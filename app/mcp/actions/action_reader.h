#pragma once

#include "mcp/actions/action.h"
#include "mcp/actions/file_value.h"

namespace atlasjob::mcp {

/// Reads one action. `directory` is the file's own: a relative cwd is meant from there. Throws
/// Error(invalid_argument) that names the place.
Action read_action(const FileValue& value, const std::string& directory);

}  // namespace atlasjob::mcp
