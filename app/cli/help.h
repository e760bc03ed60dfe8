#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::cli {

class Arguments;
struct CommandRow;

/// Commands that belong together, for people who look for one.
struct CommandGroup {
    std::string_view title;
    std::span<const CommandRow> rows;  ///< Hidden ones among them.
};

/// All commands, in their order.
std::vector<CommandGroup> command_groups();

/// What a JOB, a duration and a time look like: for every page.
std::string_view forms_text();

/// One row an exit status.
struct ExitRow {
    std::string_view status;
    std::string_view meaning;
};
std::span<const ExitRow> exit_rows();

/// What `atlasjob --help` says: at most 80 columns, as all help.
std::string program_help();
/// What `atlasjob COMMAND --help` says of a command that has declared itself.
std::string command_help(const CommandRow& row, const Arguments& arguments);
/// The same of any command.
std::string command_help(const CommandRow& row);

}  // namespace atlasjob::cli
