#pragma once

#include "mcp/actions/command_check.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// The parameter that represents a value split into words by a shell, or several arguments in one
/// word.
inline constexpr std::string_view kSplitParameter = "_split";

/// The simple commands in a script for sh -c, including command substitutions: for each, the words
/// that the shell would run, with `arguments` ($0, $1, …; texts with placeholders) substituted.
/// Other variables and other input of the shell are not followed: their words are left unchanged.
std::vector<std::vector<std::string>> commands_in_shell_text(
    std::string_view text, const std::vector<std::string>& arguments);

/// Whether one of those commands would be refused, or the script cannot be parsed safely. `depth`
/// is the number of shell scripts around this one.
bool shell_runs_value(
    const ActionParts& action,
    std::string_view text,
    const std::vector<std::string>& arguments,
    int depth);

}  // namespace atlasjob::mcp
