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

constexpr std::size_t kSummaryColumn = 14;  ///< Column of a command's summary.

/// A heading, shown above the command `first`.
struct Heading {
    std::string_view first;
    std::string_view title;
};

// clang-format off
constexpr std::array kHeadings = {
    Heading{"run",    "Start jobs"},
    Heading{"start",  "Update created jobs"},
    Heading{"status", "Inspect jobs"},
    Heading{"cancel", "Control jobs"},
    Heading{"worker", "Maintain the ledger"},
    Heading{"mcp",    "Integrate and configure"},
};

constexpr std::array kExitRows = {
    ExitRow{"0",   "success"},
    ExitRow{"1",   "wait: a job ended in error; doctor: found a problem"},
    ExitRow{"2",   "usage error"},
    ExitRow{"3",   "wait: a job was cancelled; report: cancellation was requested"},
    ExitRow{"4",   "no such job, or it has expired"},
    ExitRow{"5",   "wait: the worker of a job was lost"},
    ExitRow{"6",   "refused in the current state of the job"},
    ExitRow{"7",   "ledger unavailable: missing, locked, full or unreadable"},
    ExitRow{"8",   "not a ledger, corrupt, or newer than this program"},
    ExitRow{"70",  "internal error: a bug in atlasjob"},
    ExitRow{"75",  "timed out; the job is still running"},
    ExitRow{"124", "run: the --timeout was reached"},
    ExitRow{"125", "run: atlasjob itself failed (including an unusable ledger)"},
    ExitRow{"126", "run: the command cannot be executed; 127: not found"},
    ExitRow{"130", "interrupted"},
    ExitRow{"141", "submit --follow: the reader of the output has left; the job continues"},
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
        "A durable job ledger: what is running, how far it is and why it failed.\n";
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
    return help
           + "\nSee atlasjob help COMMAND for a command and man atlasjob for the full manual.\n";
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
