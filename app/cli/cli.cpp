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
    throw Error(
        ErrorCode::invalid_argument, "no command given: nothing is done unasked",
        "see atlasjob --help");
}

int run_named_command(const CommandLine& line) {
    if (line.command.empty()) return run_without_command(line);
    const CommandRow& row = find_command(line.command);
    return run_command(row, fmt::format("{} {}", kProgram, row.name), line);
}

/// Only its name stands in the command line of a supervisor: what it was given, secrets included,
/// is handed over so that other accounts cannot read it.
CommandLine split_own_line(std::span<const char* const> words) {
    CommandLine line = split_command_line(words);
    if (line.command != "supervise") return line;
    const auto handed = handed_over_arguments();
    if (!handed) return line;
    std::vector<const char*> all = {"supervise"};
    for (const std::string& word : *handed)
        all.push_back(word.c_str());
    return split_command_line(all);
}

}  // namespace

int run(int argc, const char* const* argv) noexcept {
    return run_program({kProgram, split_own_line, run_named_command}, argc, argv);
}

}  // namespace atlasjob::cli
