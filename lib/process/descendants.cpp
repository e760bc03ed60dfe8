#include "process/descendants.h"

#include "base/text.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace atlasjob {

namespace {

/// Pins the processes that `wanted` says yes to.
template <class ResolvedQuery>
std::vector<ProcessHandle> find_processes(ResolvedQuery wanted) {
    std::vector<ProcessHandle> found;
    for (const pid_t pid : all_pids()) {
        const auto stat = proc_stat(pid);
        if (!stat || stat->ended() || pid == getpid() || !wanted(*stat)) continue;
        if (auto process = pin(*stat)) found.push_back(std::move(*process));
    }
    return found;
}

Signalled signal_group(pid_t group, int signo) {
    if (kill(-group, signo) == 0) return Signalled::sent;
    return errno == EPERM ? Signalled::refused : Signalled::gone;
}

bool environment_holds(pid_t pid, std::span<const std::string> assignments) {
    const auto text = read_file(fmt::format("/proc/{}/environ", pid));
    if (!text || text->empty()) return false;
    const auto entries = split(*text, '\0');
    return std::ranges::all_of(assignments, [&](const std::string& assignment) {
        return std::ranges::find(entries, assignment) != entries.end();
    });
}

/// One system call where most commands leave nothing behind: of those that have ended nobody waits
/// for a stop, so without a living child there is nobody to wait for.
bool a_child_lives() {
    siginfo_t ignored{};
    return waitid(P_ALL, 0, &ignored, WSTOPPED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

bool a_child_has_ended() {
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/// Some parents hand down an ignored SIGCHLD: children would then vanish without a status.
void keep_child_statuses() {
    struct sigaction action {};
    sigaction(SIGCHLD, nullptr, &action);
    if (action.sa_handler != SIG_IGN && (action.sa_flags & SA_NOCLDWAIT) == 0) return;
    action = {};
    action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, nullptr);
}

}  // namespace

Signalled signal_session(const ProcessHandle& leader, int signo) {
    // The leader's group at one stroke, so that it cannot fork away; then the groups that a shell
    // with job control makes.
    Signalled result = signal_group(leader.pid, signo);
    const auto others = find_processes([&](const ProcStat& stat) {
        return stat.session == leader.pid && stat.group != leader.pid;
    });
    for (const ProcessHandle& process : others) {
        if (send_signal(process, signo) == Signalled::sent) result = Signalled::sent;
    }
    return result;
}

std::vector<ProcessHandle> find_session(pid_t session) {
    return find_processes([&](const ProcStat& stat) { return stat.session == session; });
}

std::vector<ProcessHandle> find_marked(std::span<const std::string> assignments) {
    return find_processes(
        [&](const ProcStat& stat) { return environment_holds(stat.pid, assignments); });
}

Subreaper::Subreaper(std::function<bool(pid_t)> spared)
    : spared_(std::move(spared)), session_(getsid(0)) {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    keep_child_statuses();
    before_ = own_children();
}

std::vector<ProcessHandle> Subreaper::strays(pid_t leader) const {
    std::vector<ProcessHandle> alive;
    if (!a_child_lives()) return alive;
    for (const pid_t pid : own_children()) {
        if (pid == leader || std::ranges::find(before_, pid) != before_.end()) continue;
        const auto stat = proc_stat(pid);
        if (!stat || stat->session == session_) continue;
        // The state in /proc is that of the first thread, which can end before the process does.
        ProcessHandle child = pin_child(pid);
        if (ended(child)) {
            reap(pid);
        } else if (!spared_ || !spared_(pid)) {
            alive.push_back(std::move(child));
        }
    }
    return alive;
}

void Subreaper::reap_orphans(std::span<const pid_t> own) const {
    if (!a_child_has_ended()) return;
    for (const pid_t pid : own_children()) {
        const bool ours = std::ranges::find(own, pid) != own.end()
                          || std::ranges::find(before_, pid) != before_.end();
        if (!ours) reap(pid);
    }
}

}  // namespace atlasjob
