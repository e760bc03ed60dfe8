#pragma once

#include "mcp/actions/file_value.h"

#include <map>
#include <optional>

namespace atlasjob::mcp {

/// The parameters of an action.
struct ActionInput {
    /// As published: the file's schema, with additional properties disallowed.
    std::string schema = R"({"type":"object","properties":{},"additionalProperties":false})";
    /// The default value of each parameter, as JSON, if it has one; by name.
    std::map<std::string, std::optional<std::string>> parameters;
};

/// Reads an action's `input`. Throws Error(invalid_argument), with the path in the file, for
/// unknown keywords (they would be published but not enforced), references, unsafe patterns
/// (pattern_check.h) and defaults that do not match the schema.
ActionInput read_input(const FileValue& input);

}  // namespace atlasjob::mcp
