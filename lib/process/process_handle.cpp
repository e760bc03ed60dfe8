#include "process/process_handle.h"

#include "base/error.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

// glibc 2.36 lacks extern "C" in this header.
extern "C" {
#include <sys/pidfd.h>
}

namespace atlasjob {

namespace {

using SteadyClock = std::chrono::steady_clock;

UniqueFd open_pidfd(pid_t pid) {
    UniqueFd pidfd{pidfd_open(pid, 0)};
    if (!pidfd && errno != ESRCH) {
        throw Error(
            ErrorCode::unavailable,
            fmt::format("cannot watch process {}: {}", pid, errno_text(errno)),
            "raise the limit on open files (ulimit -n)");
    }
    return pidfd;
}

bool await_one(const ProcessHandle& process, SteadyClock::time_point deadline) {
    for (;;) {
        const std::int64_t left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        pollfd waiting{process.pidfd.get(), POLLIN, 0};
        const auto limit = std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max());
        const int ready = poll(&waiting, 1, static_cast<int>(limit));
        if (ready > 0) return true;
        if (ready == 0 && left <= 0) return false;
    }
}

}  // namespace

std::optional<ProcessHandle> pin(const ProcStat& stat) {
    UniqueFd pidfd = open_pidfd(stat.pid);
    if (!pidfd) return {};
    // Check again now that the pidfd is open: the same start time proves it is the same process.
    const auto now = proc_stat(stat.pid);
    if (!now || now->start_ticks != stat.start_ticks || now->ended()) return {};
    return ProcessHandle{stat.pid, std::move(pidfd)};
}

ProcessHandle pin_child(pid_t pid) {
    return {pid, open_pidfd(pid)};
}

Signalled send_signal(const ProcessHandle& process, int signo) {
    if (pidfd_send_signal(process.pidfd.get(), signo, nullptr, 0) == 0) return Signalled::sent;
    return errno == EPERM ? Signalled::refused : Signalled::gone;
}

std::optional<ExitStatus> ended(const ProcessHandle& child) {
    siginfo_t info{};
    const auto id = static_cast<id_t>(child.pidfd.get());
    // si_pid stays 0 when nothing has ended.
    if (waitid(P_PIDFD, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return {};
    return ExitStatus::of(info);
}

void reap(pid_t child) {
    siginfo_t ignored{};
    waitid(P_PID, static_cast<id_t>(child), &ignored, WEXITED | WNOHANG);
}

bool await_end(std::span<const ProcessHandle> processes, int timeout_ms) {
    const auto deadline = timeout_ms < 0
                              ? SteadyClock::time_point::max()
                              : SteadyClock::now() + std::chrono::milliseconds{timeout_ms};
    return std::ranges::all_of(
        processes, [&](const ProcessHandle& process) { return await_one(process, deadline); });
}

}  // namespace atlasjob
