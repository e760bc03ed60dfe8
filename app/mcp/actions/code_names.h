#pragma once

#include <string_view>

namespace atlasjob::mcp {

/// Whether programs read a program, code, options or a search path from this environment variable:
/// PATH, LD_PRELOAD, BASH_ENV, EDITOR, GIT_SSH_COMMAND … Ignores case.
bool is_code_variable(std::string_view name);

/// The same for a git setting: core.pager, alias.x, filter.x.clean … Ignores case.
bool is_code_setting_of_git(std::string_view name);

}  // namespace atlasjob::mcp
