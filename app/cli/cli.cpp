#include "cli/cli.h"

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/settings.h"
#include "view/findings.h"

#include <fmt/format.h>

#include <csignal>
#include <exception>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kVersionLine = "atlasjob " ATLASJOB_VERSION "\n";

/// A reader that leaves and a file that may not grow are errors of a write, not our death.
void ignore_write_signals() {
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
}

/// Commands whose exit status is that of somebody else's command keep a range of their own for
/// what goes wrong before it.
int exit_status_of(const Error& error, const CommandLine& line) {
    constexpr int kOwnFaultOfRun = 125;
    const bool runs = line.command == "run" || line.command == "supervise";
    if (runs && error.code() != ErrorCode::invalid_argument) return kOwnFaultOfRun;
    return error_row(error.code()).exit_status;
}

int tell(const Error& error, const CommandLine& line) {
    if (line.json) {
        write_note(view::error_json(error) + '\n');
    } else {
        write_note(fmt::format("atlasjob: {}\n", error.what()));
    }
    return exit_status_of(error, line);
}

int run_without_command(const CommandLine& line) {
    GlobalOptions options;
    Arguments arguments{"atlasjob"};
    declare(arguments, options);
    if (!arguments.parse(line, false)) {
        write_answer(program_help());
        return 0;
    }
    if (options.version) {
        write_answer(kVersionLine);
        return 0;
    }
    throw Error(
        ErrorCode::invalid_argument, "no command given: nothing is done unasked",
        "see atlasjob --help");
}

ConfigFile config_for(const Command& command) {
    try {
        return read_config();
    } catch (const Error&) {
        if (!command.bears_bad_config()) throw;
        return {};
    }
}

int run_command(const CommandLine& line) {
    if (line.command.empty()) return run_without_command(line);
    const CommandRow& row = find_command(line.command);
    const auto command = row.make();
    GlobalOptions options;
    Arguments arguments{fmt::format("atlasjob {}", row.name)};
    command->declare(arguments);
    declare(arguments, options);
    if (!arguments.parse(line, row.takes_command)) {
        write_answer(command_help(row, arguments));
        return 0;
    }
    if (options.version) {
        write_answer(kVersionLine);
        return 0;
    }
    const ConfigFile config = config_for(*command);
    apply(config, row.name, *command, arguments);
    command->check();
    const SystemClock clock;
    Context context{options, line, config, clock};
    return command->run(context);
}

int run_guarded(const CommandLine& line) {
    try {
        return run_command(line);
    } catch (const Error& error) {
        return tell(error, line);
    } catch (const std::exception& error) {
        return tell(
            Error{
                ErrorCode::internal, fmt::format("unexpected: {}", error.what()),
                "this is a bug in atlasjob: please report it"},
            line);
    }
}

}  // namespace

int run(int argc, const char* const* argv) noexcept {
    try {
        // The one answer that needs nothing: scripts and agent hosts probe with it.
        if (argc == 2 && std::string_view{argv[1]} == "--version") {
            write_answer(kVersionLine);
            return 0;
        }
        fill_standard_descriptors();
        ignore_write_signals();
        const std::size_t count = argc > 0 ? static_cast<std::size_t>(argc) - 1 : 0;
        return run_guarded(split_command_line({argv + (argc > 0 ? 1 : 0), count}));
    } catch (...) {
        write_note("atlasjob: out of memory or worse\n");
        return error_row(ErrorCode::internal).exit_status;
    }
}

}  // namespace atlasjob::cli
