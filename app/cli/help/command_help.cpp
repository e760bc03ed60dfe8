#include "cli/help/command_help.h"

#include "base/text.h"
#include "cli/command.h"
#include "cli/options/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kHelpColumn = 32;  ///< Column of an option's description.

constexpr std::string_view kForms =
    "A JOB is a number (42), a job_id, or last (your newest job). Durations: 500ms 30s 15m 2h 7d "
    "1w. Times: 18:00, tomorrow 18:00, 2027-01-05 18:00, 2027-01-05, now, or RFC 3339 "
    "(2027-01-05T18:00:00Z).";

/// "  -q, --quiet", with the long names aligned.
std::string names_of(const Option& option) {
    std::string names = option.names.size() > 1 ? "  " + option.names.front() + ", " : "      ";
    names += option.name();
    if (!option.placeholder.empty()) names += ' ' + option.placeholder;
    return names;
}

std::string option_text(const Option& option) {
    std::string line = names_of(option);
    if (line.size() + 2 > kHelpColumn) {
        line += '\n' + std::string(kHelpColumn, ' ');
    } else {
        line.resize(kHelpColumn, ' ');
    }
    return line + wrap_text(option.help, kHelpColumn, kHelpColumn);
}

/// The groups in declaration order, global options last.
std::vector<std::string_view> groups_of(std::span<const Option> options) {
    std::vector<std::string_view> groups;
    for (const Option& option : options) {
        const bool known = std::ranges::find(groups, option.group) != groups.end();
        if (!option.group.empty() && !known) groups.emplace_back(option.group);
    }
    const auto globals = std::ranges::find(groups, kGlobalGroup);
    if (globals != groups.end()) std::rotate(globals, globals + 1, groups.end());
    return groups;
}

std::string examples_text(const CommandRow& row) {
    if (row.examples.front().line.empty()) return {};
    std::string text = "\nExamples:\n";
    for (const Example& example : row.examples)
        text += fmt::format("  {}\n      {}\n", example.line, example.purpose);
    return text;
}

/// Line breaks in the source of a help text are not shown.
std::string one_line(std::string_view text) {
    std::string line{text};
    std::ranges::replace(line, '\n', ' ');
    return line;
}

/// "run a command" becomes "Run a command.\n".
std::string sentence(std::string_view summary) {
    std::string text{summary};
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".\n";
}

}  // namespace

std::string_view forms_text() {
    return kForms;
}

std::string options_text(const Arguments& arguments) {
    std::string text;
    for (const std::string_view group : groups_of(arguments.options())) {
        text += fmt::format("\n{}:\n", group);
        for (const Option& option : arguments.options())
            if (option.group == group) text += option_text(option);
    }
    return text;
}

std::string command_help(const CommandRow& row, const Arguments& arguments) {
    std::string help = "Usage: " + arguments.title();
    if (!row.usage.empty()) help += fmt::format(" {}", row.usage);
    help += "\n\n" + sentence(row.summary);
    if (!row.help.empty()) help += wrap_text(one_line(row.help), 0, 0);
    help += examples_text(row);
    help += options_text(arguments);
    return help + '\n' + wrap_text(kForms, 0, 0);
}

namespace {

void append_line(std::string& out, std::string_view line, std::size_t column, std::size_t indent) {
    bool first = true;
    for (const std::string_view word : split(line, ' ')) {
        const std::size_t needed = word.size() + (first ? 0 : 1);
        if (!first && column + needed > kPageColumns) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
}

}  // namespace

std::string wrap_text(std::string_view text, std::size_t begin, std::size_t indent) {
    std::string out;
    std::size_t column = begin;
    for (const std::string_view line : split(text, '\n')) {
        if (!out.empty()) {
            out += std::string(line.empty() ? 0 : indent, ' ');
            column = indent;
        }
        append_line(out, line, column, indent);
        out += '\n';
    }
    return out;
}

}  // namespace atlasjob::cli
