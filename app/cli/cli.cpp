#include "cli/cli.h"

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/help.h"
#include "cli/program.h"

#include <fmt/format.h>

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

}  // namespace

int run(int argc, const char* const* argv) noexcept {
    return run_program({kProgram, split_command_line, run_named_command}, argc, argv);
}

}  // namespace atlasjob::cli
