#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob {

/// What a search for a command found.
struct CommandPath {
    std::string path;  ///< Relative paths are meant from the command's directory.
    int error = 0;     ///< ENOENT: nowhere; EACCES: only files that are not executable.
};

/// Finds the file that `command` names, as execvp(3) does: as it is when it has a slash, else the
/// first executable one along the PATH of `environment`. `directory` is open on the directory the
/// command will start in: relative parts of PATH are meant from there.
CommandPath find_command(
    std::string_view command, const std::vector<std::string>& environment, int directory);

}  // namespace atlasjob
