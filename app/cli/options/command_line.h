#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// argv, split before options are parsed.
struct CommandLine {
    std::string command;                 ///< Empty if there is none.
    std::vector<std::string> arguments;  ///< Everything before the first "--", except the command.
    std::optional<std::vector<std::string>> tail;  ///< Everything after the first "--", unchanged.
    bool json = false;  ///< Whether --json is given; then errors are JSON too, even usage errors.
};

/// Splits the arguments after the program name. The command is the first word that is neither a
/// global option nor the value of one. Everything after the first "--" belongs to the job's command
/// and never reaches the option parser.
CommandLine split_command_line(std::span<const char* const> words);

}  // namespace atlasjob::cli
