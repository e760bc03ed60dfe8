#include "crash/ledger_processes.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace atlasjob::test {

namespace {

/// The NUL-terminated strings of a file in /proc; empty for a zombie.
std::vector<std::string> strings_of(pid_t pid, const char* file) {
    const std::string bytes = read_file(fmt::format("/proc/{}/{}", pid, file)).value_or("");
    std::vector<std::string> texts;
    for (const std::string_view text : split(bytes, '\0'))
        texts.emplace_back(text);
    return texts;
}

bool holds(const std::vector<std::string>& strings, const std::string& text) {
    return std::ranges::find(strings, text) != strings.end();
}

std::string value_of(const std::vector<std::string>& entries, const std::string& name) {
    for (const std::string& entry : entries) {
        if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
    }
    return {};
}

template <class Predicate>
std::vector<ProcessHandle> find(Predicate matches) {
    std::vector<ProcessHandle> found;
    for (const pid_t pid : all_pids()) {
        const auto stat = proc_stat(pid);
        if (!stat || stat->ended() || !matches(pid)) continue;
        if (auto process = pin(*stat)) found.push_back(std::move(*process));
    }
    return found;
}

bool is_of_attempt(pid_t pid, const std::string& ledger) {
    const auto entries = strings_of(pid, "environ");
    return holds(entries, "ATLASJOB_LEDGER=" + ledger)
           && !value_of(entries, "ATLASJOB_ATTEMPT").empty();
}

bool is_program(pid_t pid, const std::string& ledger) {
    const auto argv = strings_of(pid, "cmdline");
    return argv[0] == "atlasjob" && holds(argv, ledger);
}

}  // namespace

std::vector<ProcessHandle> find_processes(const std::string& ledger, const std::string& command) {
    return find([&](pid_t pid) {
        return is_program(pid, ledger) && holds(strings_of(pid, "cmdline"), command);
    });
}

std::vector<std::string> living_attempts(const std::string& ledger) {
    std::vector<std::string> found;
    for (const ProcessHandle& process :
         find([&](pid_t pid) { return is_of_attempt(pid, ledger); })) {
        const std::string job_id = value_of(strings_of(process.pid, "environ"), "ATLASJOB_JOB_ID");
        if (!job_id.empty()) found.push_back(fmt::format("{} {}", job_id, process.pid));
    }
    return found;
}

void kill_all(const std::string& ledger) {
    for (;;) {
        const auto left =
            find([&](pid_t pid) { return is_program(pid, ledger) || is_of_attempt(pid, ledger); });
        if (left.empty()) return;
        for (const ProcessHandle& process : left)
            send_signal(process, SIGKILL);
        await_end(left, -1);
    }
}

}  // namespace atlasjob::test
