#include "support/stopping.h"

#include "base/file.h"
#include "process/proc.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace atlasjob::test {

namespace {

/// Each thread stops by itself, the first not always as the last.
bool stands_still(pid_t pid) {
    const std::filesystem::path threads = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& thread : std::filesystem::directory_iterator{threads}) {
        const auto stat = parse_proc_stat(read_file(thread.path() / "stat").value_or(""));
        if (stat && !stat->stopped()) return false;
    }
    return true;
}

void stop(pid_t pid) {
    if (kill(pid, SIGSTOP) != 0) throw std::runtime_error("nobody there to be stopped");
    while (!stands_still(pid))
        sched_yield();
}

bool gate_is_free(const std::string& ledger) {
    const UniqueFd gate = open_file(ledger + ".gate", O_RDWR);
    return flock(gate.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

void stop_between_writes(const std::string& ledger, std::span<const pid_t> processes) {
    for (;;) {
        for (const pid_t pid : processes)
            stop(pid);
        if (gate_is_free(ledger)) return;
        let_go_on(processes);
    }
}

void let_go_on(std::span<const pid_t> processes) {
    for (const pid_t pid : processes)
        kill(pid, SIGCONT);
}

}  // namespace atlasjob::test
