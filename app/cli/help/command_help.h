#pragma once

#include <cstddef>
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

inline constexpr std::size_t kPageColumns = 80;

/// `text` as lines of at most kPageColumns columns (it is ASCII), broken at blanks; line breaks in
/// it stay. The first line begins in column `begin`, which the caller has reached already; the
/// others are indented by `indent`. Ends with a line break.
std::string wrap_text(std::string_view text, std::size_t begin, std::size_t indent);

}  // namespace atlasjob::cli
