#pragma once

#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// The front matter of a page (between its first two lines of ---) as a compact JSON object, in its
/// order. Throws Error(internal) for a page without one and for YAML beyond this: lines of
/// `key: value`, where a value is plain or in quotes, and below a key without a value such lines
/// indented by two spaces.
std::string front_matter(std::string_view page);

}  // namespace atlasjob::mcp
