#pragma once

#include "mcp/actions/command_check.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// What stands for a value that a shell splits into words, or for several arguments in one word.
inline constexpr std::string_view kSplitParameter = "_split";

/// The simple commands in the text of sh -c, those substituted in it included: each the words that
/// the shell would run, with `arguments` ($0, $1, …; texts with placeholders) in their places.
/// Other variables and what the shell reads from elsewhere are not followed: their words stand as
/// they are.
std::vector<std::vector<std::string>> commands_in_shell_text(
    std::string_view text, const std::vector<std::string>& arguments);

/// Whether one of those commands would be refused, or cannot be told. `depth`: in how many other
/// shells' texts this one stands.
bool shell_runs_value(
    const ActionParts& action,
    std::string_view text,
    const std::vector<std::string>& arguments,
    int depth);

}  // namespace atlasjob::mcp
