#include "cli/help/help.h"

#include "cli/command.h"
#include "cli/context.h"
#include "cli/help/command_help.h"
#include "cli/options/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

constexpr std::size_t kSummaryColumn = 14;  ///< Where the text beside a command begins.

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
            help += wrap_text(row.summary, kSummaryColumn, kSummaryColumn);
        }
    }
    GlobalOptions options;
    Arguments globals{"atlasjob"};
    declare(globals, options);
    help += options_text(globals);
    help += "\nExit status:\n";
    for (const ExitRow& row : kExitRows)
        help += fmt::format("  {:<5}{}\n", row.status, row.meaning);
    help += '\n' + wrap_text(forms_text(), 0, 0);
    return help + "\nMore on each: atlasjob help COMMAND. All of it: man atlasjob.\n";
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
