#include "cli/command.h"

#include "base/error.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace atlasjob::cli {

namespace {

// clang-format off
constexpr std::array kCommands = {
    CommandRow{"run", "[SPEC] -- CMD [ARG...]",
        "run a command here and record it",
        "Output passes through and nothing is added to it. The exit status is the command's:\n"
        "128+n for signal n, 124 timeout, 125 a fault of our own or output that could not be\n"
        "written, 126 not executable, 127 not found. With --detach it starts at once without a\n"
        "worker, outlives us, and its job_id is printed; logs shows its output, send writes to an\n"
        "--interactive one.",
        {{{"atlasjob run -- make -j8",
           "run the build here, and have it recorded"},
          {"atlasjob run --timeout 2h --label host=db1 -- ./backup.sh",
           "end it after two hours; find it by its label later"}}},
        make_run, true},
    CommandRow{"supervise", "[SPEC] --detach -- CMD [ARG...]", "the other side of run --detach", "", {},
        make_supervise, true, true},
    CommandRow{"submit", "[SPEC] -- CMD [ARG...]",
        "run a command in the background",
        "Prints the job_id once the job is recorded; a worker runs it, started where there is none.\n"
        "With --follow it ends as run does, or with 75 after --detach-after; Ctrl-C detaches and\n"
        "does not cancel. --batch reads keys named as the options with _ for -, and \"command\".",
        {{{"atlasjob submit -- ./train.sh --epochs 20",
           "start it in the background; its job_id is printed"},
          {"atlasjob submit --follow --detach-after 60s -- ./build.sh",
           "stay for a minute, then leave it to itself (exit 75)"}}},
        make_submit, true},
    CommandRow{"create", "--kind K [SPEC] [--start] [--ttl D]",
        "record a job that somebody else executes",
        "Prints its job_id. The executing side calls start, report and finish.",
        {{{"atlasjob create --kind sync --target '{\"channel\":\"C0ENG\"}'",
           "a job that waits until its executor says start"},
          {"atlasjob create --kind sync --start --ttl 60s",
           "running at once; lost when it is silent for a minute"}}},
        make_create},
    CommandRow{"start", "JOB",
        "say that the work of a created job begins", "",
        {{{"atlasjob start 42",
           "the work of job 42 begins now"},
          {"atlasjob start last --json",
           "the same of my newest job; answer with the whole job"}}},
        make_start},
    CommandRow{"report", "[JOB] [--progress P] [--phase S] ...",
        "say how far a running job is",
        "Inside a running job JOB is that job. Exits 3 when the job has been asked to stop.",
        {{{"atlasjob report 42 --progress 40% --phase copying",
           "job 42 is at 40 percent"},
          {"atlasjob report --current 3 --total 7",
           "said from within a running job, of that job"}}},
        make_report},
    CommandRow{"finish", "[JOB] [--result JSON | --error TEXT | --cancelled]",
        "say how a created job ended", "",
        {{{"atlasjob finish 42 --result '{\"files\":711}'",
           "job 42 is done, and this came out"},
          {"atlasjob finish 42 --error 'disk full' --error-code no_space",
           "job 42 ended in error"}}},
        make_finish},
    CommandRow{"status", "[JOB...] [--watch]",
        "show one job, or what there is",
        "Without JOB: totals, active and recent jobs. --watch stays and shows every change.",
        {{{"atlasjob status --watch",
           "totals, what is active, what ended lately, live"},
          {"atlasjob status 42",
           "how job 42 is, what came out, why it failed"}}},
        make_status},
    CommandRow{"list", "[FILTERS]",
        "list jobs, newest first",
        "--format fills in the fields of the job as JSON, also those within its target, result and\n"
        "labels. A page goes on with the --cursor that it ended with, in the same order.",
        {{{"atlasjob list --status error --since 1d",
           "what failed since yesterday"},
          {"atlasjob list --label host=db1 --format '{seq} {result.files}'",
           "the jobs with that label, for a script"}}},
        make_list},
    CommandRow{"wait", "JOB... [--timeout D] [--any]",
        "wait until jobs have ended",
        "Exits 0 when all are done, else with the first in the order given of: 1 error,\n"
        "3 cancelled, 4 no such job, 5 worker lost, 75 still running when the time was up.",
        {{{"atlasjob wait 42 43",
           "return once both have ended"},
          {"atlasjob wait --any --timeout 1h 42 43",
           "once one has, or after an hour (exit 75)"}}},
        make_wait},
    CommandRow{"logs", "JOB [-f] [-n N]",
        "show the output of a job",
        "Both streams as they were written, on standard output. With -f until the job has ended.",
        {{{"atlasjob logs -f last",
           "the output of my newest job, as it comes"},
          {"atlasjob logs 42 -n 20 --stderr",
           "the last 20 lines of its standard error"}}},
        make_logs},
    CommandRow{"send", "JOB [TEXT]",
        "write to the standard input of an interactive job",
        "TEXT goes as one line. Without TEXT our own standard input goes, to its end; the job's\n"
        "stays open. Exits 6 when the job does not read its input (any more).",
        {{{"atlasjob send 42 'print(6 * 7)'",
           "one line, to a job of run --detach --interactive"},
          {"atlasjob send last < commands.txt",
           "a file, to my newest job"}}},
        make_send},
    CommandRow{"events", "[JOB] [-f] [--since SEQ]",
        "show what happened", "",
        {{{"atlasjob events 42",
           "who did what to job 42, and when"},
          {"atlasjob events -f --json",
           "all that has happened, then all that happens, an object a line"}}},
        make_events},
    CommandRow{"stats", "",
        "count jobs, tell how long they wait and run", "",
        {{{"atlasjob stats",
           "how many jobs there are, how long they wait and run"},
          {"atlasjob stats --json | jq .by_status",
           "the counts, for a script"}}},
        make_stats},
    CommandRow{"cancel", "JOB... | FILTERS",
        "ask jobs to stop",
        "A queued job never runs. A running one gets TERM, then KILL after the grace.\n"
        "Exits 6 when a job has already ended.",
        {{{"atlasjob cancel 42 --grace 30s --wait",
           "TERM, KILL after 30 seconds; return once it has ended"},
          {"atlasjob cancel --kind sync --status queued --yes",
           "everything of that kind that waits"}}},
        make_cancel},
    CommandRow{"retry", "JOB... | FILTERS",
        "run ended jobs once more",
        "Another attempt of the same job. Without --status, filters mean error and cancelled.",
        {{{"atlasjob retry 42",
           "another attempt of job 42"},
          {"atlasjob retry --label host=db1 --status error --yes",
           "of all that failed there"}}},
        make_retry},
    CommandRow{"edit", "JOB [--priority N] [--queue Q] [--at T]",
        "change a job while it is queued", "",
        {{{"atlasjob edit 42 --priority 9",
           "let it start before the others"},
          {"atlasjob edit 42 --queue night --at 2026-11-23T01:00:00Z",
           "move it to another queue and time"}}},
        make_edit},
    CommandRow{"rm", "JOB...",
        "forget ended jobs now, with their output", "",
        {{{"atlasjob rm 42",
           "forget job 42 and its output"},
          {"atlasjob rm 40 41 42",
           "forget several"}}},
        make_rm},
    CommandRow{"pause", "[QUEUE]",
        "let nothing new start in a queue, or in any",
        "What runs goes on.",
        {{{"atlasjob pause gpu",
           "nothing new starts in the queue gpu"},
          {"atlasjob pause",
           "nor in any other"}}},
        make_pause},
    CommandRow{"resume", "[QUEUE]",
        "take a pause back, or all of them", "",
        {{{"atlasjob resume gpu",
           "the queue gpu is open again"},
          {"atlasjob resume",
           "all pauses are over"}}},
        make_resume},
    CommandRow{"worker", "[--slots N] [--queue Q...] [--drain] [--any-account]",
        "run queued jobs",
        "submit starts one where there is none; this one stays. TERM lets what runs end and leaves,\n"
        "a second TERM ends it. Settings: [worker] slots and [queue.NAME] slots in the config file.\n"
        "It runs the jobs of its own account, in a ledger that is that account's alone; otherwise it\n"
        "exits 7. With --any-account it runs everybody's, as the account that started it.",
        {{{"atlasjob worker --slots 4",
           "run queued jobs, four at a time, until told to leave"},
          {"atlasjob worker --queue gpu --drain",
           "run what is due in the queue gpu, then leave"}}},
        make_worker},
    CommandRow{"slot", "", "one slot of a worker", "", {}, make_slot, false, true},
    CommandRow{"on-end", "JOB_ID STATUS", "run what a job has said for its end", "", {}, make_on_end,
        false, true},
    CommandRow{"gc", "[--dry-run] [--keep-done D] ...",
        "settle lost jobs, forget old ones",
        "Acts on the whole ledger. Made for cron: with -q it is silent when there is nothing to do.",
        {{{"atlasjob gc --dry-run",
           "say what would be settled and forgotten"},
          {"atlasjob gc -q --keep-error 90d",
           "for cron: silent when there was nothing to do"}}},
        make_gc},
    CommandRow{"doctor", "",
        "check the ledger and its surroundings",
        "Exits 0 only when all is healthy; notes are fine.",
        {{{"atlasjob doctor",
           "is the ledger healthy, and what to do if not"},
          {"atlasjob doctor --json | jq .healthy",
           "the verdict, for a script"}}},
        make_doctor},
    CommandRow{"migrate", "[--dry-run]",
        "bring an older ledger's schema up to date",
        "Any command that writes does so, too. Forward only: a newer ledger is refused.",
        {{{"atlasjob migrate --dry-run",
           "which steps the ledger lacks"},
          {"atlasjob backup before.db && atlasjob migrate",
           "take them, with a way back"}}},
        make_migrate},
    CommandRow{"backup", "FILE [--force]",
        "copy the whole ledger while it is in use",
        "The copy is a ledger itself, for this account alone; output files are not in it. It is\n"
        "whole and durable, or not there. A file that is there stays, unless --force is given.",
        {{{"atlasjob backup /mnt/backup/ledger-$(date +%F).db",
           "a copy for every day"},
          {"atlasjob list --ledger /mnt/backup/ledger-2026-11-22.db",
           "look into one"}}},
        make_backup},
    CommandRow{"export", "[FILTERS] [--with-env]",
        "write jobs out as lines of JSON",
        "Each line is a job with its attempts, events and spec, the oldest first, as of one moment.\n"
        "Your own jobs; with --admin everybody's.",
        {{{"atlasjob export --admin --with-env > jobs.ndjson",
           "all there is, for import elsewhere"},
          {"atlasjob export --status error --since 7d | jq -r .error",
           "what went wrong this week"}}},
        make_export},
    CommandRow{"import", "FILE|-",
        "take jobs in from an export",
        "All of them or, when one line is wrong, none. Jobs keep their job_id, and their number where\n"
        "it is free; those that are here already just so are skipped. Running jobs get no lease,\n"
        "queued ones with a command wait for retry: nothing runs twice.",
        {{{"atlasjob import jobs.ndjson",
           "take an export in; again: nothing happens"},
          {"ssh old atlasjob export --admin --with-env | atlasjob import -",
           "move to this machine"}}},
        make_import},
    CommandRow{"mcp", "[--allow VERB,...] [--actions FILE]",
        "serve the ledger to an MCP host over stdin and stdout",
        "Reading is all that its tools can do unless --allow opens more. The actions of a file are the\n"
        "narrower way: commands that their owner wrote down, each served as a tool.",
        {{{"atlasjob mcp",
           "what an MCP host starts: claude mcp add atlasjob -- atlasjob mcp"},
          {"atlasjob mcp --allow cancel --actions actions.json",
           "start what is written down, cancel, nothing else"}}},
        make_mcp},
    CommandRow{"actions", "check FILE",
        "check an actions file and show the tools it makes",
        "What is wrong is named with its place in the file, and nothing is started. docs/mcp.md has the\n"
        "format; mcp --actions FILE serves it.",
        {{{"atlasjob actions check actions.json",
           "before a host is told to use it"},
          {"atlasjob actions check actions.json --json | jq -r .actions[].name",
           "the names of the tools"}}},
        make_actions},
    CommandRow{"config", "",
        "show what holds where nothing is given, and why",
        "Every default that the config file may set (~/.config/atlasjob/config.toml), its value here "
        "and now, and where that comes from: a flag, the environment, the file, or built in.",
        {{{"atlasjob config",
           "every setting, its value and its source"},
          {"atlasjob config --json | jq -r .settings.ledger.value",
           "where the ledger is, for a script"}}},
        make_config},
    CommandRow{"completion", "bash|zsh|fish",
        "print what a shell needs to complete command lines",
        "Commands, options, their values, and jobs with what they are.",
        {{{"eval \"$(atlasjob completion bash)\"",
           "in ~/.bashrc; zsh: source <(atlasjob completion zsh)"},
          {"atlasjob completion fish | source",
           "in ~/.config/fish/config.fish"}}},
        make_completion},
    CommandRow{"complete", "", "what may stand on a command line", "", {}, make_complete, false,
        true},
    CommandRow{"manual", "PAGE", "a page of the manual", "", {}, make_manual, false, true},
    CommandRow{"help", "[COMMAND]",
        "teach a command, or list them all", "",
        {{{"atlasjob help submit",
           "all about submit; the same as atlasjob submit --help"},
          {"atlasjob help",
           "what there is"}}},
        make_help},
};
// clang-format on

static_assert(
    std::ranges::all_of(
        kCommands,
        [](const CommandRow& row) {
            return row.hidden || std::ranges::none_of(row.examples, [](const Example& example) {
                       return example.line.empty() || example.purpose.empty();
                   });
        }),
    "help teaches by example: every command has two");

}  // namespace

std::span<const CommandRow> commands() {
    return kCommands;
}

const CommandRow& find_command(std::string_view name) {
    const auto found = std::ranges::find(kCommands, name, &CommandRow::name);
    if (found != kCommands.end()) return *found;
    std::vector<std::string_view> names;
    for (const CommandRow& row : kCommands)
        if (!row.hidden) names.push_back(row.name);
    const std::string_view meant = nearest(name, names);
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("unknown command \"{}\": there is no such command", repair_utf8(name)),
        meant.empty() ? "see atlasjob --help" : fmt::format("did you mean {}?", meant));
}

}  // namespace atlasjob::cli
