#include "cli/command.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace atlasjob::cli {

namespace {

// clang-format off
constexpr std::array kCommands = {
    CommandRow{"run", "[SPEC] -- CMD [ARG...]",
        "run a command here and record it",
        "Output passes through and nothing is added to it. The exit status is the command's:\n"
        "128+n for signal n, 124 timeout, 125 a fault of our own, 126 not executable,\n"
        "127 not found.", make_run, true},
    CommandRow{"create", "--kind K [SPEC] [--start] [--ttl D]",
        "record a job that somebody else executes",
        "Prints its job_id. The executing side calls start, report and finish.", make_create},
    CommandRow{"start", "JOB",
        "say that the work of a created job begins", "", make_start},
    CommandRow{"report", "[JOB] [--progress P] [--phase S] ...",
        "say how far a running job is",
        "Inside a running job JOB is that job. Exits 3 when the job has been asked to stop.",
        make_report},
    CommandRow{"finish", "[JOB] [--result JSON | --error TEXT | --cancelled]",
        "say how a created job ended", "", make_finish},
    CommandRow{"status", "[JOB...]",
        "show one job, or what there is",
        "Without JOB: totals, active and recent jobs.", make_status},
    CommandRow{"list", "[FILTERS]",
        "list jobs, newest first", "", make_list},
    CommandRow{"cancel", "JOB... | FILTERS",
        "ask jobs to stop",
        "A queued job never runs. A running one gets TERM, then KILL after the grace.\n"
        "Exits 6 when a job has already ended.", make_cancel},
    CommandRow{"gc", "[--dry-run] [--keep-done D] ...",
        "settle lost jobs, forget old ones",
        "Acts on the whole ledger. Made for cron: with -q it is silent when there is nothing to do.",
        make_gc},
    CommandRow{"doctor", "",
        "check the ledger and its surroundings",
        "Exits 0 only when all is sound; notes are fine.", make_doctor},
    CommandRow{"mcp", "[--contract C] [--require-principal]",
        "serve the ledger to an MCP host over stdin and stdout", "", make_mcp},
};
// clang-format on

}  // namespace

std::span<const CommandRow> commands() {
    return kCommands;
}

const CommandRow& find_command(std::string_view name) {
    const auto found = std::ranges::find(kCommands, name, &CommandRow::name);
    if (found != kCommands.end()) return *found;
    std::array<std::string_view, kCommands.size()> names;
    std::ranges::transform(kCommands, names.begin(), &CommandRow::name);
    const std::string_view meant = nearest(name, names);
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("unknown command \"{}\": there is no such command", repair_utf8(name)),
        meant.empty() ? "see atlasjob --help" : fmt::format("did you mean {}?", meant));
}

}  // namespace atlasjob::cli
