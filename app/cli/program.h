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

/// A program: how it calls itself, how it reads its words and what it does with them.
struct Program {
    std::string_view name;
    std::function<CommandLine(std::span<const char* const>)> split;
    std::function<int(const CommandLine&)> run;  ///< Returns the exit status; throws Error.
};

/// The border of a program: sets up what every program of ours needs, reads argv, runs it, tells
/// what went wrong and returns the exit status.
int run_program(const Program& program, int argc, const char* const* argv) noexcept;

/// The whole of a program that is one command, and is called as its row is.
int run_alone(const CommandRow& row, int argc, const char* const* argv) noexcept;

/// Has the command of `row` read those words, layers the config file below them and runs it.
/// `title` is how people call it: "atlasjob run". Throws Error.
int run_command(const CommandRow& row, const std::string& title, const CommandLine& line);

/// Tells an error on standard error, as JSON or as `program`'s words.
void tell(std::string_view program, bool json, const Error& error);

/// "atlasjob 0.1.0\n".
std::string version_line(std::string_view program);

}  // namespace atlasjob::cli
