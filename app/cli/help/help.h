#pragma once

#include "cli/help/command_help.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

/// Commands that belong together, for people who look for one.
struct CommandGroup {
    std::string_view title;
    std::span<const CommandRow> rows;  ///< Hidden ones among them.
};

/// All commands, in their order.
std::vector<CommandGroup> command_groups();

/// One row an exit status.
struct ExitRow {
    std::string_view status;
    std::string_view meaning;
};
std::span<const ExitRow> exit_rows();

/// What `atlasjob --help` says: at most 80 columns, as all help.
std::string program_help();
/// What `atlasjob COMMAND --help` says.
std::string command_help(const CommandRow& row);

}  // namespace atlasjob::cli
