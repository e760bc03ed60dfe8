#include "cli/help.h"

#include "cli/arguments.h"
#include "cli/command.h"

#include <fmt/format.h>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kForms =
    "\nA JOB is its number (42), its job_id, or last (your newest).\n"
    "Durations: 500ms 30s 15m 2h 7d. Times: RFC 3339 (2026-11-22T12:00:00Z).\n";

constexpr std::string_view kExitCodes =
    "\nExit codes: 0 fine, 2 usage, 4 no such job, 6 refused in this state, 7 the ledger cannot "
    "be\n"
    "used now, 8 not a ledger, 70 a bug, 130 interrupted; wait: 1 error, 3 cancelled, 5 worker\n"
    "lost, 75 still running; report: 3 asked to stop; run: the command's own.\n";

}  // namespace

std::string program_help(const Arguments& globals) {
    std::string help =
        "A durable ledger of jobs: what runs, how far it is, what came out, why it failed.\n"
        "\nUsage: atlasjob [OPTIONS] COMMAND ...\n\nCommands:\n";
    for (const CommandRow& row : commands())
        if (!row.hidden) help += fmt::format("  {:<10}{}\n", row.name, row.summary);
    help += globals.options_help();
    help += kForms;
    help += kExitCodes;
    return help + "\nMore on each: atlasjob COMMAND --help\n";
}

std::string command_help(const CommandRow& row, const Arguments& arguments) {
    std::string help = fmt::format("Usage: atlasjob {}", row.name);
    if (!row.usage.empty()) help += fmt::format(" {}", row.usage);
    help += fmt::format("\n\natlasjob {}: {}.\n", row.name, row.summary);
    if (!row.help.empty()) help += fmt::format("{}\n", row.help);
    help += arguments.options_help();
    help += kForms;
    return help;
}

}  // namespace atlasjob::cli
