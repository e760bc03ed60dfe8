#pragma once

#include "mcp/actions/action.h"
#include "mcp/actions/file_value.h"

namespace atlasjob::mcp {

/// Reads one action. `directory` is the file's directory, which a relative cwd starts from. Throws
/// Error(invalid_argument) with the value's path in the file.
Action read_action(const FileValue& value, const std::string& directory);

}  // namespace atlasjob::mcp
