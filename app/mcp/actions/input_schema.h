#pragma once

#include "mcp/actions/file_value.h"

#include <map>
#include <optional>

namespace atlasjob::mcp {

/// What an action lets its caller fill in.
struct ActionInput {
    /// As it is published: the file's, closed.
    std::string schema = R"({"type":"object","properties":{},"additionalProperties":false})";
    /// By name; the value, as JSON, that stands where a caller gives none, if there is one.
    std::map<std::string, std::optional<std::string>> parameters;
};

/// Reads an action's `input`. Throws Error(invalid_argument) that names the place: for keywords
/// that are not known (they would be published and not enforced), references, patterns that could
/// hurt (pattern_check.h), and defaults that do not fit.
ActionInput read_input(const FileValue& input);

}  // namespace atlasjob::mcp
