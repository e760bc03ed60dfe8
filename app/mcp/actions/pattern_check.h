#pragma once

#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// What is wrong with a regular expression (ECMAScript) that is to be tried on texts of strangers;
/// empty: nothing. Refused are those that are none, that are long, that refer back or look ahead,
/// that repeat what repeats or has alternatives, and those whose repetitions could together be
/// tried in too many ways.
std::string pattern_problem(std::string_view pattern);

}  // namespace atlasjob::mcp
