#pragma once

#include "cli/options/command_line.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob {
class Error;
}

namespace atlasjob::cli {

struct CommandRow;

/// A program: its name, how it splits argv and what it runs.
struct Program {
    std::string_view name;
    std::function<CommandLine(std::span<const char* const>)> split;
    std::function<int(const CommandLine&)> run;  ///< Returns the exit status; throws Error.
};

/// Sets up the process, splits argv, runs the program, prints errors and returns the exit status.
int run_program(const Program& program, int argc, const char* const* argv) noexcept;

/// Entry point of a single-command binary that has the name of its row.
int run_alone(const CommandRow& row, int argc, const char* const* argv) noexcept;

/// Parses `line` for the command of `row`, applies config file defaults and runs it. `title` is the
/// name shown to users: "atlasjob run". Throws Error.
int run_command(const CommandRow& row, const std::string& title, const CommandLine& line);

/// Prints an error to stderr, as JSON or as "PROGRAM: message".
void print_error(std::string_view program, bool json, const Error& error);

/// "atlasjob 0.1.0\n".
std::string version_line(std::string_view program);

}  // namespace atlasjob::cli
