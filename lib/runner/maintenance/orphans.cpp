#include "runner/maintenance/orphans.h"

#include "process/descendants.h"
#include "process/identity.h"
#include "runner/attempt/environment.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

constexpr int kTermPatienceMs = 2000;
constexpr int kKillPatienceMs = 1000;
constexpr int kMaxRounds = 10;  ///< Of KILL, against what multiplies meanwhile.

bool is_of_this_machine(const ProcessIdentity& process) {
    const ProcessIdentity here = current_process();
    return process.boot_id == here.boot_id && process.pid_namespace == here.pid_namespace;
}

/// Whether the number of the command's session still means that session. Once all of a session
/// has ended its number can be given to strangers, so one of ours must be seen to have it: the
/// command itself, or a process that names the attempt.
bool session_is_ours(const RunningAttempt& attempt, const std::vector<ProcessHandle>& marked) {
    if (!attempt.process || !is_of_this_machine(*attempt.process)) return false;
    const auto session = static_cast<pid_t>(attempt.process->pid);
    const auto leader = identify(session);
    if (leader) return leader->start_ticks == attempt.process->start_ticks;
    return std::ranges::any_of(
        marked, [&](const ProcessHandle& process) { return getsid(process.pid) == session; });
}

void add_missing(std::vector<ProcessHandle>& all, std::vector<ProcessHandle> more) {
    for (ProcessHandle& process : more) {
        const bool known =
            std::ranges::any_of(all, [&](const auto& other) { return other.pid == process.pid; });
        if (!known) all.push_back(std::move(process));
    }
}

/// Anybody but root can signal only what is theirs anyhow.
bool may_end(const ProcessHandle& process, uid_t owner) {
    if (owner == 0 || geteuid() != 0) return true;
    struct stat status {};
    return stat(fmt::format("/proc/{}", process.pid).c_str(), &status) == 0
           && status.st_uid == owner;
}

std::vector<ProcessHandle> find_leftovers(const RunningAttempt& attempt, uid_t owner) {
    std::vector<ProcessHandle> found;
    if (attempt.key.attempt) {
        found = find_by_environment(attempt_marks(attempt.key.job_id.view(), *attempt.key.attempt));
    }
    if (session_is_ours(attempt, found)) {
        add_missing(found, find_session(static_cast<pid_t>(attempt.process->pid)));
    }
    std::erase_if(found, [&](const ProcessHandle& process) { return !may_end(process, owner); });
    return found;
}

/// Signals all of them and forgets those that are not ours to signal; true when there were such.
bool signal_all(std::vector<ProcessHandle>& processes, int signo) {
    return std::erase_if(
               processes,
               [&](const ProcessHandle& process) {
                   const bool refused = send_signal(process, signo) == Signalled::refused;
                   if (!refused && signo != SIGKILL) send_signal(process, SIGCONT);
                   return refused;
               })
           > 0;
}

}  // namespace

bool terminate_orphans(
    const RunningAttempt& attempt, uid_t owner, const std::function<bool()>& still_lost) {
    std::vector<ProcessHandle> left = find_leftovers(attempt, owner);
    if (!still_lost()) return false;
    signal_all(left, SIGTERM);
    await_end(left, kTermPatienceMs);
    for (int round = 0; round < kMaxRounds; ++round) {
        left = find_leftovers(attempt, owner);
        if (!still_lost()) return false;
        const bool refused = signal_all(left, SIGKILL);
        if (left.empty()) return !refused;
        await_end(left, kKillPatienceMs);
    }
    return false;
}

}  // namespace atlasjob
