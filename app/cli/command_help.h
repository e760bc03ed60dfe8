#pragma once

#include <string>
#include <string_view>

namespace atlasjob::cli {

class Arguments;
struct CommandRow;

// What one command says of itself. Knows nothing of the other commands, so that a program that is
// one command is not linked with all of them.

/// What a JOB, a duration and a time look like: for every page.
std::string_view forms_text();

/// The options below their headings; what every command has comes last.
std::string options_text(const Arguments& arguments);

/// What `atlasjob COMMAND --help` says of a command that has declared itself.
std::string command_help(const CommandRow& row, const Arguments& arguments);

}  // namespace atlasjob::cli
