#pragma once

#include "cli/help/command_help.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// A group of related commands under one heading of the help.
struct CommandGroup {
    std::string_view title;
    std::span<const CommandRow> rows;  ///< Includes hidden commands.
};

/// All commands, in their order.
std::vector<CommandGroup> command_groups();

/// One exit status and its meaning.
struct ExitRow {
    std::string_view status;
    std::string_view meaning;
};
std::span<const ExitRow> exit_rows();

/// The text of `atlasjob --help`, at most 80 columns wide like all help.
std::string program_help();
/// The text of `atlasjob COMMAND --help`.
std::string command_help(const CommandRow& row);

}  // namespace atlasjob::cli
