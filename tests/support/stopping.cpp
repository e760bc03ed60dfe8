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

/// Checks every thread: they do not all stop at the same time.
bool has_stopped(pid_t pid) {
    const std::filesystem::path threads = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& thread : std::filesystem::directory_iterator{threads}) {
        const auto stat = parse_proc_stat(read_file(thread.path() / "stat").value_or(""));
        if (stat && !stat->stopped()) return false;
    }
    return true;
}

void stop(pid_t pid) {
    if (kill(pid, SIGSTOP) != 0) throw std::runtime_error("no process to stop");
    while (!has_stopped(pid))
        sched_yield();
}

bool writer_lock_is_free(const std::string& ledger) {
    const UniqueFd lock = open_file(ledger + ".gate", O_RDWR);
    return flock(lock.get(), LOCK_EX | LOCK_NB) == 0;
}

}  // namespace

void stop_between_writes(const std::string& ledger, std::span<const pid_t> processes) {
    for (;;) {
        for (const pid_t pid : processes)
            stop(pid);
        if (writer_lock_is_free(ledger)) return;
        continue_processes(processes);
    }
}

void continue_processes(std::span<const pid_t> processes) {
    for (const pid_t pid : processes)
        kill(pid, SIGCONT);
}

}  // namespace atlasjob::test
