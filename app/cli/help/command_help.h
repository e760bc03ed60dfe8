#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace atlasjob::cli {

class Arguments;
struct CommandRow;

// Help of a single command. Does not depend on the command table, so that a single-command binary
// is not linked with all commands.

/// The paragraph on JOB, duration and time formats at the end of every help page.
std::string_view forms_text();

/// The options under their group headings, global options last.
std::string options_text(const Arguments& arguments);

/// The text of `atlasjob COMMAND --help`; `arguments` holds the command's declarations.
std::string command_help(const CommandRow& row, const Arguments& arguments);

inline constexpr std::size_t kPageColumns = 80;

/// Wraps ASCII `text` at blanks to kPageColumns columns, keeping its line breaks. The first line
/// starts at column `begin`, where the caller's output already is; the others are indented by
/// `indent`. The result ends with a line break.
std::string wrap_text(std::string_view text, std::size_t begin, std::size_t indent);

}  // namespace atlasjob::cli
