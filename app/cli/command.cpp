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
    CommandRow{"submit", "[SPEC] -- CMD [ARG...]",
        "run a command in the background",
        "Prints the job_id once the job is recorded; a worker runs it, started where there is none.\n"
        "With --follow it ends as run does, or with 75 after --detach-after; Ctrl-C detaches and\n"
        "does not cancel. --batch reads keys named as the options with _ for -, and \"command\".",
        make_submit, true},
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
    CommandRow{"wait", "JOB... [--timeout D] [--any]",
        "wait until jobs have ended",
        "Exits 0 when all are done, else with the first in the order given of: 1 error,\n"
        "3 cancelled, 4 no such job, 5 worker lost, 75 still running when the time was up.",
        make_wait},
    CommandRow{"logs", "JOB [-f] [-n N]",
        "show the output of a job",
        "Both streams as they were written, on standard output. With -f until the job has ended.",
        make_logs},
    CommandRow{"cancel", "JOB... | FILTERS",
        "ask jobs to stop",
        "A queued job never runs. A running one gets TERM, then KILL after the grace.\n"
        "Exits 6 when a job has already ended.", make_cancel},
    CommandRow{"retry", "JOB... | FILTERS",
        "run ended jobs once more",
        "Another attempt of the same job. Without --status, filters mean error and cancelled.",
        make_retry},
    CommandRow{"edit", "JOB [--priority N] [--queue Q] [--at T]",
        "change a job while it is queued", "", make_edit},
    CommandRow{"rm", "JOB...",
        "forget ended jobs now, with their output", "", make_rm},
    CommandRow{"pause", "[QUEUE]",
        "let nothing new start in a queue, or in any",
        "What runs goes on.", make_pause},
    CommandRow{"resume", "[QUEUE]",
        "take a pause back, or all of them", "", make_resume},
    CommandRow{"events", "[JOB] [-f] [--since SEQ]",
        "show what happened", "", make_events},
    CommandRow{"stats", "",
        "count jobs, tell how long they wait and run", "", make_stats},
    CommandRow{"worker", "[--slots N] [--queue Q...] [--drain] [--idle-exit D]",
        "run queued jobs",
        "submit starts one where there is none; this one stays. TERM lets what runs end and leaves,\n"
        "a second TERM ends it. Settings: [worker] slots and [queue.NAME] slots in the config file.",
        make_worker},
    CommandRow{"slot", "", "one slot of a worker", "", make_slot, false, true},
    CommandRow{"on-end", "JOB_ID STATUS", "run what a job has said for its end", "", make_on_end,
        false, true},
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
