#include "cli/program.h"

#include "base/error.h"
#include "base/printable.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help/command_help.h"
#include "cli/options/arguments.h"
#include "cli/options/config_file.h"
#include "cli/options/settings.h"
#include "process/core_dumps.h"
#include "process/service_notifier.h"
#include "store/open.h"
#include "view/findings.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>

namespace atlasjob::cli {

namespace {

/// A closed pipe and the file size limit then fail the write instead of killing the process.
void ignore_write_signals() {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
}

bool runs_command(const CommandLine& line) {
    return line.command == "run" || line.command == "supervise";
}

/// The kernel drops signals that the first process of a container does not handle: stopping the
/// container would take until its SIGKILL. Commands that do more on a signal replace this.
void exit_on_stop_signals() {
    if (getpid() != 1) return;
    for (const int signo : {SIGTERM, SIGINT, SIGHUP}) {
        if (std::signal(signo, [](int received) { _exit(128 + received); }) == SIG_IGN)
            static_cast<void>(std::signal(signo, SIG_IGN));
    }
}

/// The first process of a container adopts every orphan in it, and commands that wait would keep
/// their zombies. What runs commands needs their statuses and reaps orphans itself (Subreaper).
void ignore_child_exits(const CommandLine& line) {
    if (getpid() != 1) return;
    if (!runs_command(line)) static_cast<void>(std::signal(SIGCHLD, SIG_IGN));
    // Those that died before.
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

/// run and supervise exit with the status of the command they run, so their own errors map to 125.
int exit_status_of(const Error& error, const CommandLine& line) {
    constexpr int kRunFailed = 125;
    if (runs_command(line) && error.code() != ErrorCode::invalid_argument) return kRunFailed;
    return error_row(error.code()).exit_status;
}

/// Calls `run`; prints what it throws and returns its exit status.
template <class Run>
int run_guarded(const Program& program, const CommandLine& line, const Run& run) {
    try {
        return run();
    } catch (const Error& error) {
        print_error(program.name, line.json, error);
        return exit_status_of(error, line);
    } catch (const std::bad_alloc&) {
        const Error full{
            ErrorCode::unavailable, "out of memory",
            "free some memory, or raise the limit (ulimit -v, ulimit -d)"};
        print_error(program.name, line.json, full);
        return exit_status_of(full, line);
    } catch (const std::exception& error) {
        const Error bug{
            ErrorCode::internal, fmt::format("unexpected: {}", error.what()),
            fmt::format("this is a bug in {}: please report it", program.name)};
        print_error(program.name, line.json, bug);
        return exit_status_of(bug, line);
    }
}

int answer_version(std::string_view program) {
    write_answer(version_line(program));
    return 0;
}

ConfigFile config_for(const Command& command) {
    try {
        return read_config();
    } catch (const Error&) {
        if (!command.tolerates_bad_config()) throw;
        return {};
    }
}

/// Splits argv of a single-command binary as if the command had been named.
/// The priority of a line in the journal (sd-daemon(3)).
constexpr const char* kJournalError = "<3>";

CommandLine split_alone(std::string_view name, std::span<const char* const> arguments) {
    const std::string command{name};
    std::vector<const char*> named = {command.c_str()};
    named.insert(named.end(), arguments.begin(), arguments.end());
    return split_command_line(named);
}

}  // namespace

std::string version_line(std::string_view program) {
    return fmt::format("{} " ATLASJOB_VERSION "\n", program);
}

void print_error(std::string_view program, bool json, const Error& error) {
    write_note(
        json ? escape_json_controls(view::error_json(error)) + '\n'
             : fmt::format(
                 "{}{}: {}\n", is_journal(STDERR_FILENO) ? kJournalError : "", program,
                 escape_controls(error.what())));
}

int run_command(const CommandRow& row, const std::string& title, const CommandLine& line) {
    const auto command = row.make();
    GlobalOptions options;
    Arguments arguments{title};
    command->declare(arguments);
    declare(arguments, options);
    if (!arguments.parse(line, row.takes_command)) {
        write_answer(command_help(row, arguments));
        return 0;
    }
    if (options.version) return answer_version(title.substr(0, title.find(' ')));
    const ConfigFile config = config_for(*command);
    apply(config, row.name, *command, arguments);
    command->check();
    const SystemClock clock;
    Context context{options, line, config, clock};
    return command->run(context);
}

int run_program(const Program& program, int argc, const char* const* argv) noexcept {
    try {
        fill_standard_descriptors();
        ignore_write_signals();
        // Needs no setup; scripts and agent hosts probe with it.
        if (argc == 2 && std::string_view{argv[1]} == "--version")
            return run_guarded(program, {}, [&] { return answer_version(program.name); });
        exit_on_stop_signals();
        forbid_core_dumps();
        disable_memory_statistics();
        const std::size_t count = argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0;
        const CommandLine line = program.split({argv + (argc > 0 ? 1 : 0), count});
        ignore_child_exits(line);
        return run_guarded(program, line, [&] { return program.run(line); });
    } catch (...) {
        write_unescaped(program.name);
        write_unescaped(": out of memory, or another error before start-up was complete\n");
        return error_row(ErrorCode::internal).exit_status;
    }
}

int run_alone(const CommandRow& row, int argc, const char* const* argv) noexcept {
    const auto split = [&](std::span<const char* const> arguments) {
        return split_alone(row.name, arguments);
    };
    const auto run = [&](const CommandLine& line) {
        return run_command(row, std::string{row.name}, line);
    };
    return run_program({row.name, split, run}, argc, argv);
}

}  // namespace atlasjob::cli
