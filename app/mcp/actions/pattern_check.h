#pragma once

#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// Why a regular expression (ECMAScript) is unsafe to apply to untrusted texts; empty if it is
/// safe. Refuses expressions that are invalid or long, that contain back-references or look-ahead,
/// that repeat groups with repetitions or alternatives, and whose repetitions together could be
/// tried in too many ways.
std::string pattern_problem(std::string_view pattern);

}  // namespace atlasjob::mcp
