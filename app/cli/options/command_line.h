#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// argv, taken apart before any option is understood.
struct CommandLine {
    std::string command;                           ///< Empty: none was named.
    std::vector<std::string> arguments;            ///< All but the command, up to the first "--".
    std::optional<std::vector<std::string>> tail;  ///< What follows the first "--", untouched.
    bool json = false;  ///< --json is there: errors are JSON too, those about options included.
};

/// Takes apart what follows the program's name. The first "--" ends everything that is ours: no
/// option parser may see the words of somebody else's command. The command is the first word that
/// is neither a global option nor the value of one.
CommandLine split_command_line(std::span<const char* const> words);

}  // namespace atlasjob::cli
