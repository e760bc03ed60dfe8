#pragma once

#include <string_view>

namespace atlasjob::mcp {

/// Whether programs, or whatever starts them, take the value of a variable for a program, for code,
/// for options, or for where those are found: PATH, LD_PRELOAD, BASH_ENV, EDITOR, GIT_SSH_COMMAND …
/// Whether a name is big or small makes no difference.
bool is_code_variable(std::string_view name);

/// The same of a setting of git: core.pager, alias.x, filter.x.clean …
bool is_code_setting_of_git(std::string_view name);

}  // namespace atlasjob::mcp
