#include "runner/attempt/self_exec.h"

#include "base/file.h"
#include "base/text.h"
#include "process/core_dumps.h"
#include "runner/attempt/environment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

namespace atlasjob {

namespace {

constexpr std::string_view kDeleted = " (deleted)";  ///< What /proc says of a replaced program.
/// The name of every program of atlasjob begins so.
constexpr std::string_view kFamily = "atlasjob";
constexpr const char* kThisProgram = "/proc/self/exe";

Environment own_environment() {
    Environment entries;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        entries.emplace_back(*entry);
    remove_attempt(entries);
    std::erase(entries, ledger_process_mark());
    entries.push_back(ledger_process_mark());
    return entries;
}

/// For execve. The strings must outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    pointers.reserve(strings.size() + 1);
    for (std::string& text : strings)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
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

bool has_own_mark() {
    const std::string mark = ledger_process_mark();
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        if (*entry == mark) return true;
    return false;
}

bool has_mark(const std::string& process) {
    const auto entries = read_file(fmt::format("/proc/{}/environ", process));
    if (!entries) return false;
    const std::vector<std::string_view> all = split(*entries, '\0');
    return std::ranges::find(all, ledger_process_mark()) != all.end();
}

}  // namespace

SpawnRequest self_exec_request(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options) {
    SpawnRequest request;
    request.argv = argv;
    request.environment = own_environment();
    if (options.ledger)
        set_variable(request.environment, kLedgerVariable, options.ledger->to_environment());
    request.cwd = options.cwd;
    request.umask = options.umask;
    request.descriptors = descriptors;
    request.attributes = options.attributes;
    request.file = kThisProgram;
    return request;
}

std::variant<ProcessHandle, SpawnFailure> self_exec(
    const std::vector<std::string>& argv,
    const std::vector<int>& descriptors,
    const SelfExecOptions& options) {
    return spawn(self_exec_request(argv, descriptors, options));
}

void become_ledger_process() {
    // Not from /proc/self/environ, which may be unreadable: the exec would be repeated for ever.
    if (has_own_mark()) return;
    const auto line = read_file("/proc/self/cmdline");
    if (!line || line->empty()) return;
    std::vector<std::string> argv;
    for (const std::string_view argument : split(*line, '\0'))
        argv.emplace_back(argument);
    argv.pop_back();  // Each argument ends with a NUL, the last one too.
    Environment entries = own_environment();
    allow_core_dumps();
    execve(kThisProgram, pointers_to(argv).data(), pointers_to(entries).data());
    forbid_core_dumps();
}

bool is_ledger_process(pid_t pid) {
    const std::string process = std::to_string(pid);
    const std::string name = program_name(process);
    const bool is_family = name.starts_with(kFamily) || name == program_name("self");
    return !name.empty() && is_family && has_mark(process);
}

}  // namespace atlasjob
