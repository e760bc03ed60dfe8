#include "cli/cli.h"

#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help/help.h"
#include "cli/options/arguments.h"
#include "cli/program.h"
#include "runner/attempt/detached.h"

#include <fmt/format.h>

#include <span>
#include <string>
#include <vector>

namespace atlasjob::cli {

namespace {

constexpr std::string_view kProgram = "atlasjob";

int run_without_command(const CommandLine& line) {
    GlobalOptions options;
    Arguments arguments{std::string{kProgram}};
    declare(arguments, options);
    if (!arguments.parse(line, false)) {
        write_answer(program_help());
        return 0;
    }
    if (options.version) {
        write_answer(version_line(kProgram));
        return 0;
    }
    throw Error(ErrorCode::invalid_argument, "no command given", "see atlasjob --help");
}

int run_named_command(const CommandLine& line) {
    if (line.command.empty()) return run_without_command(line);
    const CommandRow& row = find_command(line.command);
    return run_command(row, fmt::format("{} {}", kProgram, row.name), line);
}

/// Splits argv. A supervisor's argv holds only its name: its arguments, which may contain secrets,
/// are handed over in a way that other accounts cannot read.
CommandLine split_arguments(std::span<const char* const> arguments) {
    CommandLine line = split_command_line(arguments);
    if (line.command != "supervise") return line;
    const auto handed_over = handed_over_arguments();
    if (!handed_over) return line;
    std::vector<const char*> all = {"supervise"};
    for (const std::string& argument : *handed_over)
        all.push_back(argument.c_str());
    return split_command_line(all);
}

}  // namespace

int run(int argc, const char* const* argv) noexcept {
    return run_program({kProgram, split_arguments, run_named_command}, argc, argv);
}

}  // namespace atlasjob::cli
