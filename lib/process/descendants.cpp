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

/// Opens a handle of every live process that matches.
template <class Predicate>
std::vector<ProcessHandle> find_processes(Predicate matches) {
    std::vector<ProcessHandle> found;
    for (const pid_t pid : all_pids()) {
        const auto stat = proc_stat(pid);
        if (!stat || stat->ended() || pid == getpid() || !matches(*stat)) continue;
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

/// One system call, since most commands leave nothing behind. With WSTOPPED, waitid() fails with
/// ECHILD if no child is alive.
bool has_live_child() {
    siginfo_t ignored{};
    return waitid(P_ALL, 0, &ignored, WSTOPPED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

/// The oldest child that is dead and not reaped; 0 if there is none.
pid_t dead_child() {
    siginfo_t info{};
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 ? info.si_pid : 0;
}

/// Some parents start this process with SIGCHLD ignored; its children would then leave no status.
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
    // The leader's group in one call, so that no member can escape by forking; then the other
    // groups, which a shell with job control creates.
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

std::vector<ProcessHandle> find_by_environment(std::span<const std::string> assignments) {
    return find_processes(
        [&](const ProcStat& stat) { return environment_holds(stat.pid, assignments); });
}

std::vector<ProcessHandle> find_children(const std::function<bool(const ProcStat&)>& matches) {
    return find_processes(
        [&](const ProcStat& stat) { return stat.parent == getpid() && matches(stat); });
}

Subreaper::Subreaper(std::function<bool(pid_t)> excluded)
    : excluded_(std::move(excluded)), session_(getsid(0)) {
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    keep_child_statuses();
    earlier_children_ = own_children();
}

std::vector<ProcessHandle> Subreaper::descendants(pid_t leader) const {
    std::vector<ProcessHandle> alive;
    if (!has_live_child()) return alive;
    for (const pid_t pid : own_children()) {
        const auto stat = proc_stat(pid);
        if (!stat || !may_be_orphan(*stat, leader)) continue;
        // The state in /proc is that of the main thread, which can exit before the process does.
        ProcessHandle child = pin_child(pid);
        if (ended(child)) {
            reap(pid);
        } else if (!excluded_ || !excluded_(pid)) {
            alive.push_back(std::move(child));
        }
    }
    if (!alive.empty()) return alive;
    // The kernel's list of children may miss some while others exit (proc(5)).
    return find_children([&](const ProcStat& child) {
        return may_be_orphan(child, leader) && !(excluded_ && excluded_(child.pid));
    });
}

bool Subreaper::may_be_orphan(const ProcStat& child, pid_t leader) const {
    return child.pid != leader && child.session != session_
           && std::ranges::find(earlier_children_, child.pid) == earlier_children_.end();
}

void Subreaper::reap_orphans(std::span<const pid_t> own) const {
    const auto is_own = [&](pid_t pid) {
        return std::ranges::find(own, pid) != own.end()
               || std::ranges::find(earlier_children_, pid) != earlier_children_.end();
    };
    for (pid_t dead = dead_child(); dead != 0; dead = dead_child()) {
        if (is_own(dead)) {
            // It hides younger ones.
            for (const pid_t pid : own_children())
                if (!is_own(pid)) reap(pid);
            return;
        }
        reap(dead);
    }
}

}  // namespace atlasjob
