#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// Result of find_command().
struct CommandPath {
    std::string path;  ///< If relative, relative to the command's directory.
    int error = 0;     ///< 0: found; ENOENT: not found; EACCES: found, but not executable.
};

/// Finds the file that `command` names, as execvp(3) does: a name with a slash is used as is, any
/// other is searched for in the PATH of `environment`. `directory` is an open descriptor of the
/// directory the command will start in; relative entries of PATH are resolved against it.
[[nodiscard]] CommandPath find_command(
    std::string_view command, const std::vector<std::string>& environment, int directory);

}  // namespace atlasjob
