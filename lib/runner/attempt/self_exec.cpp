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

constexpr std::string_view kDeleted = " (deleted)";  ///< What /proc says of a replaced program.
/// The options before a command that take the word after them.
constexpr std::array<std::string_view, 3> kGlobalValues = {"--ledger", "--principal", "--color"};
/// The commands that outlive whoever started them.
constexpr std::array<std::string_view, 4> kOwnCommands = {"worker", "slot", "supervise", "on-end"};

Environment own_environment() {
    Environment entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    remove_attempt(entries);
    return entries;
}

/// The name of the file that a process runs, without its directory.
std::string program_name(const std::string& process) {
    std::array<char, PATH_MAX> target{};
    const std::string link = fmt::format("/proc/{}/exe", process);
    const ssize_t length = readlink(link.c_str(), target.data(), target.size());
    if (length <= 0) return {};
    std::string_view path{target.data(), static_cast<std::size_t>(length)};
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    return std::string{path.substr(path.find_last_of('/') + 1)};
}

/// Of a command line. Its first word is the program's name.
bool names_ledger_process(const std::vector<std::string_view>& words) {
    for (std::size_t at = 1; at < words.size(); ++at) {
        const std::string_view word = words[at];
        if (!word.starts_with('-'))
            return std::ranges::find(kOwnCommands, word) != kOwnCommands.end();
        const bool takes_next = std::ranges::find(kGlobalValues, word) != kGlobalValues.end();
        if (takes_next) ++at;
    }
    return false;
}

}  // namespace

std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& surroundings) {
    SpawnRequest request;
    request.argv = argv;
    request.environment = own_environment();
    request.cwd = surroundings.cwd;
    request.umask = surroundings.umask;
    request.descriptors = descriptors;
    request.file = "/proc/self/exe";
    return spawn(request);
}

bool is_ledger_process(pid_t pid) {
    const std::string theirs = program_name(std::to_string(pid));
    if (theirs.empty() || theirs != program_name("self")) return false;
    const std::string line = read_file(fmt::format("/proc/{}/cmdline", pid)).value_or("");
    return names_ledger_process(split(line, '\0'));
}

}  // namespace atlasjob
