#include "cli/help.h"

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/paragraph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kHelpColumn = 32;     ///< Where the text beside an option begins.
constexpr std::size_t kSummaryColumn = 14;  ///< And beside a command.

/// A heading stands before the command that it names.
struct Heading {
    std::string_view first;
    std::string_view title;
};

// clang-format off
constexpr std::array kHeadings = {
    Heading{"run",    "Start work"},
    Heading{"start",  "Carry out a created job"},
    Heading{"status", "See how it is"},
    Heading{"cancel", "Change what happens"},
    Heading{"worker", "Keep it going"},
    Heading{"mcp",    "Connect and set up"},
};

constexpr std::array kExitRows = {
    ExitRow{"0",   "fine"},
    ExitRow{"1",   "wait: a job ended in error; doctor: found a problem"},
    ExitRow{"2",   "wrong usage"},
    ExitRow{"3",   "wait: a job was cancelled; report: it has been asked to stop"},
    ExitRow{"4",   "no such job, or it expired"},
    ExitRow{"5",   "wait: its worker was lost"},
    ExitRow{"6",   "refused: the job's state does not allow it"},
    ExitRow{"7",   "the ledger cannot be used now: missing, locked, full, unreadable"},
    ExitRow{"8",   "not a ledger, damaged, or newer than this program"},
    ExitRow{"70",  "a bug of ours"},
    ExitRow{"75",  "still running when the time was up"},
    ExitRow{"124", "run: its --timeout was reached"},
    ExitRow{"125", "run: a fault of ours (an unusable ledger included)"},
    ExitRow{"126", "run: the command cannot be executed; 127: it was not found"},
    ExitRow{"130", "interrupted"},
};
// clang-format on

constexpr std::string_view kForms =
    "A JOB is its number (42), its job_id, or last (your newest). Durations: 500ms 30s 15m 2h 7d. "
    "Times: RFC 3339 (2026-11-22T12:00:00Z).";

/// "  -q, --quiet", the long names under each other.
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
    return line + paragraph(option.help, kHelpColumn, kHelpColumn);
}

/// The headings in the order in which they were declared; what every command has comes last.
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

std::string options_text(const Arguments& arguments) {
    std::string text;
    for (const std::string_view group : groups_of(arguments.options())) {
        text += fmt::format("\n{}:\n", group);
        for (const Option& option : arguments.options())
            if (option.group == group) text += option_text(option);
    }
    return text;
}

std::string examples_text(const CommandRow& row) {
    std::string text = "\nExamples:\n";
    for (const Example& example : row.examples)
        text += fmt::format("  {}\n      {}\n", example.line, example.purpose);
    return text;
}

/// Where lines end in the source means nothing on the page.
std::string one_line(std::string_view text) {
    std::string line{text};
    std::ranges::replace(line, '\n', ' ');
    return line;
}

/// "run a command" as a sentence.
std::string sentence(std::string_view summary) {
    std::string text{summary};
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    return text + ".\n";
}

}  // namespace

std::vector<CommandGroup> command_groups() {
    std::vector<CommandGroup> groups;
    const std::span<const CommandRow> rows = commands();
    std::size_t begin = rows.size();
    for (auto heading = kHeadings.rbegin(); heading != kHeadings.rend(); ++heading) {
        const auto first = std::ranges::find(rows, heading->first, &CommandRow::name);
        const auto at = static_cast<std::size_t>(first - rows.begin());
        groups.insert(groups.begin(), {heading->title, rows.subspan(at, begin - at)});
        begin = at;
    }
    return groups;
}

std::string_view forms_text() {
    return kForms;
}

std::span<const ExitRow> exit_rows() {
    return kExitRows;
}

std::string program_help() {
    std::string help =
        "Usage: atlasjob [OPTIONS] COMMAND ...\n\n"
        "A durable ledger of jobs: what runs, how far it is, what came of it, and why.\n";
    for (const CommandGroup& group : command_groups()) {
        help += fmt::format("\n{}:\n", group.title);
        for (const CommandRow& row : group.rows) {
            if (row.hidden) continue;
            help += fmt::format("  {:<{}}", row.name, kSummaryColumn - 2);
            help += paragraph(row.summary, kSummaryColumn, kSummaryColumn);
        }
    }
    GlobalOptions options;
    Arguments globals{"atlasjob"};
    declare(globals, options);
    help += options_text(globals);
    help += "\nExit status:\n";
    for (const ExitRow& row : kExitRows)
        help += fmt::format("  {:<5}{}\n", row.status, row.meaning);
    help += '\n' + paragraph(kForms, 0, 0);
    return help + "\nMore on each: atlasjob help COMMAND. All of it: man atlasjob.\n";
}

std::string command_help(const CommandRow& row, const Arguments& arguments) {
    std::string help = fmt::format("Usage: atlasjob {}", row.name);
    if (!row.usage.empty()) help += fmt::format(" {}", row.usage);
    help += "\n\n" + sentence(row.summary);
    if (!row.help.empty()) help += paragraph(one_line(row.help), 0, 0);
    help += examples_text(row);
    help += options_text(arguments);
    return help + '\n' + paragraph(kForms, 0, 0);
}

std::string command_help(const CommandRow& row) {
    const auto command = row.make();
    GlobalOptions options;
    Arguments arguments{fmt::format("atlasjob {}", row.name)};
    command->declare(arguments);
    declare(arguments, options);
    return command_help(row, arguments);
}

}  // namespace atlasjob::cli
