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
        "run a command in the foreground and record it",
        "The command's output passes through unchanged. The exit status is the command's own:\n"
        "128+n after signal n, 124 on timeout, 125 if atlasjob itself fails or output cannot be\n"
        "written, 126 if the command cannot be executed, 127 if it is not found. With --detach\n"
        "the command starts at once in the background, without a worker, and the job_id is\n"
        "printed; logs shows its output and send writes to an --interactive job. If the ledger\n"
        "cannot be used (locked, full, damaged), the command is not run; --even-unrecorded runs\n"
        "it all the same, in place of atlasjob.",
        {{{"atlasjob run -- make -j8",
           "run the build here and record it"},
          {"atlasjob run --timeout 2h --label host=db1 -- ./backup.sh",
           "stop it after two hours; find it later by its label"}}},
        make_run, true},
    CommandRow{"supervise", "[SPEC] --detach -- CMD [ARG...]",
        "the background side of run --detach", "", {}, make_supervise, true, true},
    CommandRow{"submit", "[SPEC] -- CMD [ARG...]",
        "run a command in the background",
        "Prints the job_id once the job is stored. A worker runs the job; if none is running,\n"
        "submit starts one. With --follow, the job's output is streamed and the exit status is\n"
        "the command's, or 75 after --detach-after; Ctrl-C detaches without cancelling the job.\n"
        "--batch reads one JSON object per line, with option names as keys (_ for -) and\n"
        "\"command\".",
        {{{"atlasjob submit -- ./train.sh --epochs 20",
           "start it in the background and print its job_id"},
          {"atlasjob submit --follow --detach-after 60s -- ./build.sh",
           "follow it for a minute, then detach (exit 75)"}}},
        make_submit, true},
    CommandRow{"create", "--kind K [SPEC] [--start] [--ttl D]",
        "create a job that another program executes",
        "Prints the job_id. The program that does the work calls start, report and finish.",
        {{{"atlasjob create --kind sync --target '{\"channel\":\"C0ENG\"}'",
           "create a job that stays queued until start is called"},
          {"atlasjob create --kind sync --start --ttl 60s",
           "create a running job; it is lost after a minute without a report"}}},
        make_create},
    CommandRow{"start", "JOB",
        "mark a created job as started", "",
        {{{"atlasjob start 42",
           "job 42 is now running"},
          {"atlasjob start last --json",
           "start your newest job and print it as JSON"}}},
        make_start},
    CommandRow{"report", "[JOB] [--progress P] [--phase S] ...",
        "report the progress of a running job",
        "Inside a running job, JOB defaults to that job. Exits 3 if cancellation was requested.",
        {{{"atlasjob report 42 --progress 40% --phase copying",
           "job 42 is 40% done and in phase copying"},
          {"atlasjob report --current 3 --total 7",
           "from inside a running job"}}},
        make_report},
    CommandRow{"finish", "[JOB] [--result JSON | --error TEXT | --cancelled]",
        "mark a created job as finished", "",
        {{{"atlasjob finish 42 --result '{\"files\":711}'",
           "job 42 succeeded with this result"},
          {"atlasjob finish 42 --error 'disk full' --error-code no_space",
           "job 42 failed"}}},
        make_finish},
    CommandRow{"status", "[JOB... | FILTERS] [--watch]",
        "show one job, or an overview",
        "Without JOB and filters: totals, active jobs and recent jobs. --watch updates the view\n"
        "live.",
        {{{"atlasjob status --watch",
           "live overview of all jobs"},
          {"atlasjob status 42",
           "progress, result or failure of job 42"}}},
        make_status},
    CommandRow{"list", "[FILTERS]",
        "list jobs, newest first",
        "--format prints fields of the JSON job, including nested fields of target, result and\n"
        "labels. For the next page, pass the --cursor printed with this one and the same\n"
        "--sort.",
        {{{"atlasjob list --status error --since 1d",
           "jobs of the last day that failed"},
          {"atlasjob list --label host=db1 --format '{seq} {result.files}'",
           "one line per matching job, for scripts"}}},
        make_list},
    CommandRow{"wait", "JOB... | FILTERS [--timeout D] [--any]",
        "wait until jobs have ended",
        "Exits 0 if all jobs are done, otherwise with the status of the first job in the given\n"
        "order that is not: 1 error, 3 cancelled, 4 no such job, 5 worker lost, 75 timed out.\n"
        "Filters select the jobs that match at the start, newest first; without --status, those\n"
        "queued or running. If there are none, it exits 0 at once.",
        {{{"atlasjob wait --label batch=7",
           "return once all active jobs with this label have ended"},
          {"atlasjob wait --any --timeout 1h 42 43",
           "return once either has ended, or after an hour (exit 75)"}}},
        make_wait},
    CommandRow{"logs", "JOB [-f] [-n N]",
        "show a job's output",
        "Prints the job's stdout and stderr, as written, to standard output. -f follows the\n"
        "output until the job ends.",
        {{{"atlasjob logs -f last",
           "follow the output of your newest job"},
          {"atlasjob logs 42 -n 20 --stderr",
           "the last 20 lines of its stderr"}}},
        make_logs},
    CommandRow{"send", "JOB [TEXT]",
        "write to the standard input of an interactive job",
        "TEXT is sent as one line. Without TEXT, standard input is copied to the job until it\n"
        "ends; the job's own stdin stays open. Exits 6 if the job does not read input, or no\n"
        "longer does.",
        {{{"atlasjob send 42 'print(6 * 7)'",
           "send one line to a job started with run --detach --interactive"},
          {"atlasjob send last < commands.txt",
           "send a file to your newest job"}}},
        make_send},
    CommandRow{"events", "[JOB | --session SESSION] [-f]",
        "show the event history",
        "With --session, the events of all jobs that a conversation of an agent has submitted. With\n"
        "--cursor-file, the next call continues where this one ended, so that each event is printed\n"
        "once: the number in FILE advances when events have been written to standard output.",
        {{{"atlasjob events 42",
           "who changed job 42, how and when"},
          {"atlasjob events -f --session 7d9f6a1e --ended --until-idle --json",
           "one line for each job of a conversation that ends, until none is left"}}},
        make_events},
    CommandRow{"stats", "",
        "show job counts, waiting times and run times", "",
        {{{"atlasjob stats",
           "counts, waiting times and run times"},
          {"atlasjob stats --json | jq .by_status",
           "counts by status, for scripts"}}},
        make_stats},
    CommandRow{"cancel", "JOB... | FILTERS",
        "cancel jobs",
        "A queued job is cancelled at once. A running job gets TERM or its --kill-signal, then\n"
        "KILL after the grace period. Exits 6 if a job has already ended. Filters select queued and running jobs.",
        {{{"atlasjob cancel 42 --grace 30s --wait",
           "TERM, then KILL after 30 seconds; wait until it has ended"},
          {"atlasjob cancel --kind sync --status queued --yes",
           "cancel all queued jobs of kind sync"}}},
        make_cancel},
    CommandRow{"retry", "JOB... | FILTERS",
        "run ended jobs again",
        "Queues another attempt of the same job; several jobs in the order of their dependencies.\n"
        "Without --status, filters select jobs in error or cancelled.",
        {{{"atlasjob retry 42",
           "run job 42 again"},
          {"atlasjob retry --label host=db1 --status error --yes",
           "run all failed jobs with this label again"}}},
        make_retry},
    CommandRow{"edit", "JOB [--priority N] [--queue Q] [--at T]",
        "change a queued job", "",
        {{{"atlasjob edit 42 --priority 9",
           "raise its priority"},
          {"atlasjob edit 42 --queue night --at 'tomorrow 01:00'",
           "move it to another queue and start time"}}},
        make_edit},
    CommandRow{"rm", "JOB... | FILTERS",
        "delete ended jobs and their output",
        "Filters select ended jobs only.",
        {{{"atlasjob rm 41 42",
           "delete these jobs and their output"},
          {"atlasjob rm --status cancelled --until 7d --yes",
           "delete all cancelled jobs that were created 7 days ago or earlier"}}},
        make_rm},
    CommandRow{"pause", "[QUEUE]",
        "pause a queue, or all queues",
        "Queued jobs do not start; running jobs continue.",
        {{{"atlasjob pause gpu",
           "start no more jobs in queue gpu"},
          {"atlasjob pause",
           "start no more jobs in any queue"}}},
        make_pause},
    CommandRow{"resume", "[QUEUE]",
        "resume a queue, or all queues", "",
        {{{"atlasjob resume gpu",
           "let jobs in queue gpu start again"},
          {"atlasjob resume",
           "resume all queues"}}},
        make_resume},
    CommandRow{"worker", "[--slots N] [--queue Q...] [--drain] [--any-account]",
        "run queued jobs",
        "submit starts a temporary worker if none is running; this one runs until it is\n"
        "stopped. On TERM it finishes its running jobs and exits; a second TERM stops them.\n"
        "Settings: [worker] slots and [queue.NAME] slots in the config file. It runs jobs of\n"
        "its own account only, in a ledger that only it can write; otherwise it exits 7.\n"
        "With --any-account it runs the jobs of every account, as the account that started it.",
        {{{"atlasjob worker --slots 4",
           "run up to four jobs at a time until stopped"},
          {"atlasjob worker --queue gpu --drain",
           "run the due jobs of queue gpu, then exit"}}},
        make_worker},
    CommandRow{"slot", "", "one slot of a worker", "", {}, make_slot, false, true},
    CommandRow{"on-end", "JOB_ID STATUS", "run the --on-end hook of a job", "", {}, make_on_end,
        false, true},
    CommandRow{"gc", "[--dry-run] [--keep-done D] ...",
        "reap lost jobs and delete expired ones",
        "Acts on the whole ledger. Suitable for cron: with -q it prints nothing if there is\n"
        "nothing to do.",
        {{{"atlasjob gc --dry-run",
           "show what would be reaped and deleted"},
          {"atlasjob gc -q --keep-error 90d",
           "from cron: silent if there is nothing to do"}}},
        make_gc},
    CommandRow{"doctor", "",
        "check the ledger and its environment",
        "Exits 0 if there are no problems; notes do not count as problems.",
        {{{"atlasjob doctor",
           "list problems and how to fix them"},
          {"atlasjob doctor --json | jq .healthy",
           "true or false, for scripts"}}},
        make_doctor},
    CommandRow{"migrate", "[--dry-run]",
        "upgrade the schema of an older ledger",
        "Commands that write migrate automatically. Forward only: a newer ledger is refused.",
        {{{"atlasjob migrate --dry-run",
           "list the pending migrations"},
          {"atlasjob backup before.db && atlasjob migrate",
           "migrate after making a backup"}}},
        make_migrate},
    CommandRow{"backup", "FILE [--force]",
        "copy the whole ledger while it is in use",
        "The copy is a complete ledger that only this account can read; job output files are\n"
        "not included. If the backup fails, no partial file is left. An existing FILE is\n"
        "replaced only with --force.",
        {{{"atlasjob backup /mnt/backup/ledger-$(date +%F).db",
           "a copy per day"},
          {"atlasjob list --ledger /mnt/backup/ledger-2026-11-22.db",
           "list the jobs in a backup"}}},
        make_backup},
    CommandRow{"export", "[FILTERS] [--with-env]",
        "write jobs as NDJSON",
        "Each line is one job with its attempts, events and spec, oldest first, from one\n"
        "snapshot. Exports your own jobs; with --admin, everybody's.",
        {{{"atlasjob export --admin --with-env > jobs.ndjson",
           "export everything, to import elsewhere"},
          {"atlasjob export --status error --since 7d | jq -r .error",
           "the errors of the last week"}}},
        make_export},
    CommandRow{"import", "FILE|-",
        "import jobs from an export",
        "Imports every job or, if any line is invalid, none. Jobs keep their job_id, and their\n"
        "number if it is free; identical jobs that already exist are skipped. Running jobs get\n"
        "no lease, and queued jobs with a command wait for retry, so nothing runs twice. Jobs of\n"
        "other owners need --admin.",
        {{{"atlasjob import jobs.ndjson",
           "import an export; repeating it changes nothing"},
          {"ssh pc atlasjob export --admin --with-env | atlasjob import --admin -",
           "move all jobs to this machine"}}},
        make_import},
    CommandRow{"mcp", "[--allow VERB,...] [--actions FILE]",
        "serve the ledger to an MCP host over stdin and stdout",
        "Tools are read-only unless --allow permits more. An actions file is the narrower\n"
        "choice: it offers only the commands written in it, each as a tool.",
        {{{"atlasjob mcp",
           "to register it: claude mcp add atlasjob -- atlasjob mcp"},
          {"atlasjob mcp --allow cancel --actions actions.json",
           "allow cancelling and the listed actions, nothing else"}}},
        make_mcp},
    CommandRow{"actions", "check FILE",
        "check an actions file and show its tools",
        "Errors name the place in the file; nothing is started. docs/mcp.md describes the\n"
        "format, and mcp --actions FILE serves it.",
        {{{"atlasjob actions check actions.json",
           "check the file before a host uses it"},
          {"atlasjob actions check actions.json --json | jq -r .actions[].name",
           "the tool names"}}},
        make_actions},
    CommandRow{"config", "",
        "show effective settings and where each comes from",
        "Lists every setting of the config file (~/.config/atlasjob/config.toml) with its\n"
        "current value and source: flag, environment, file or default.",
        {{{"atlasjob config",
           "every setting, its value and its source"},
          {"atlasjob config --json | jq -r .settings.ledger.value",
           "the path of the ledger, for scripts"}}},
        make_config},
    CommandRow{"completion", "bash|zsh|fish",
        "print a shell completion script",
        "Completes commands, options, option values and jobs (with descriptions).",
        {{{"eval \"$(atlasjob completion bash)\"",
           "in ~/.bashrc; zsh: source <(atlasjob completion zsh)"},
          {"atlasjob completion fish | source",
           "in ~/.config/fish/config.fish"}}},
        make_completion},
    CommandRow{"complete", "", "print completion candidates", "", {}, make_complete, false, true},
    CommandRow{"manual", "PAGE", "print a manual page", "", {}, make_manual, false, true},
    CommandRow{"help", "[COMMAND]",
        "show help for a command", "",
        {{{"atlasjob help submit",
           "the same as atlasjob submit --help"},
          {"atlasjob help",
           "list all commands"}}},
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
    "every public command has two examples");

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
        ErrorCode::invalid_argument, fmt::format("unknown command \"{}\"", repair_utf8(name)),
        meant.empty() ? "see atlasjob --help" : fmt::format("did you mean {}?", meant));
}

}  // namespace atlasjob::cli
