#include "runner/attempt/self_exec.h"

#include "base/text.h"
#include "runner/attempt/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace atlasjob {

namespace {

constexpr std::string_view kDeleted = " (deleted)";  ///< In /proc, of a replaced program.
/// Global options that take a value.
constexpr std::array<std::string_view, 3> kValueOptions = {"--ledger", "--principal", "--color"};
/// The commands that outlive the process that started them.
constexpr std::array<std::string_view, 4> kLedgerCommands = {
    "worker", "slot", "supervise", "on-end"};

Environment own_environment() {
    Environment entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    remove_attempt(entries);
    return entries;
}

/// The file name of the program that a process runs.
std::string program_name(const std::string& process) {
    std::array<char, PATH_MAX> target{};
    const std::string link = fmt::format("/proc/{}/exe", process);
    const ssize_t length = readlink(link.c_str(), target.data(), target.size());
    if (length <= 0) return {};
    std::string_view path{target.data(), static_cast<std::size_t>(length)};
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    return std::string{path.substr(path.find_last_of('/') + 1)};
}

/// Whether the command in a process's argv is one of kLedgerCommands.
bool has_ledger_command(const std::vector<std::string_view>& argv) {
    for (std::size_t at = 1; at < argv.size(); ++at) {
        const std::string_view argument = argv[at];
        if (!argument.starts_with('-'))
            return std::ranges::find(kLedgerCommands, argument) != kLedgerCommands.end();
        const bool takes_value = std::ranges::find(kValueOptions, argument) != kValueOptions.end();
        if (takes_value) ++at;
    }
    return false;
}

}  // namespace

std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options) {
    SpawnRequest request;
    request.argv = argv;
    request.environment = own_environment();
    request.cwd = options.cwd;
    request.umask = options.umask;
    request.descriptors = descriptors;
    request.file = "/proc/self/exe";
    return spawn(request);
}

bool is_ledger_process(pid_t pid) {
    const std::string name = program_name(std::to_string(pid));
    if (name.empty() || name != program_name("self")) return false;
    const std::string line = read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
    return has_ledger_command(split(line, '\0'));
}

}  // namespace atlasjob
