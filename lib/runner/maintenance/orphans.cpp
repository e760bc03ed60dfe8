#include "runner/maintenance/orphans.h"

#include "process/descendants.h"
#include "process/identity.h"
#include "runner/attempt/environment.h"
#include "runner/attempt/self_exec.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace atlasjob {

namespace {

constexpr int kTermTimeoutMs = 2000;
constexpr int kKillTimeoutMs = 1000;
constexpr int kMaxRounds = 10;  ///< Of KILL, as orphans may start further processes.

bool is_of_this_machine(const ProcessIdentity& process) {
    const ProcessIdentity self = current_process();
    return process.boot_id == self.boot_id && process.pid_namespace == self.pid_namespace;
}

/// Whether the session id still belongs to the command. It may be reused once the whole session has
/// exited, so either the command itself or a process whose environment names the attempt (one of
/// `marked`) must be in it.
bool has_session(const RunningAttempt& attempt, const std::vector<ProcessHandle>& marked) {
    if (!attempt.process || !is_of_this_machine(*attempt.process)) return false;
    const auto session = static_cast<pid_t>(attempt.process->pid);
    const auto leader = identify(session);
    // The start was noted in another time namespace if that is not the same here.
    if (leader && leader->time_namespace == attempt.process->time_namespace)
        return leader->start_ticks == attempt.process->start_ticks;
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

/// Limits root to processes of the ledger's owner. Other accounts can signal only their own
/// processes anyway.
bool may_signal(const ProcessHandle& process, uid_t owner) {
    return owner == 0 || geteuid() != 0 || account_of(process.pid) == owner;
}

/// Processes of the command that have cleared their environment and left its session. As the first
/// process of a container, this one adopts unrelated processes, too.
std::vector<ProcessHandle> find_adopted(const ProcessIdentity& command) {
    const ProcessIdentity self = current_process();
    if (self.pid == 1 || !is_of_this_machine(command)
        || self.time_namespace != command.time_namespace)
        return {};
    return find_children([&](const ProcStat& child) {
        return child.start_ticks >= command.start_ticks && child.session != getsid(0)
               && !is_ledger_process(child.pid) && !names_job(child.pid);
    });
}

std::vector<ProcessHandle> find_orphans(const RunningAttempt& attempt, const OrphanSearch& search) {
    std::vector<ProcessHandle> found;
    if (attempt.key.attempt) {
        found = find_by_environment(attempt_marks(attempt.key.job_id.view(), *attempt.key.attempt));
    }
    if (has_session(attempt, found)) {
        add_missing(found, find_session(static_cast<pid_t>(attempt.process->pid)));
    }
    if (search.adopted && attempt.process) add_missing(found, find_adopted(*attempt.process));
    std::erase_if(
        found, [&](const ProcessHandle& process) { return !may_signal(process, search.owner); });
    return found;
}

/// Signals all processes and drops those that this account may not signal; returns whether there
/// were any.
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
    const RunningAttempt& attempt,
    const OrphanSearch& search,
    const std::function<bool()>& still_lost) {
    std::vector<ProcessHandle> left = find_orphans(attempt, search);
    if (!still_lost()) return false;
    signal_all(left, SIGTERM);
    await_end(left, kTermTimeoutMs);
    for (int round = 0; round < kMaxRounds; ++round) {
        left = find_orphans(attempt, search);
        if (!still_lost()) return false;
        const bool refused = signal_all(left, SIGKILL);
        if (left.empty()) return !refused;
        await_end(left, kKillTimeoutMs);
    }
    return false;
}

}  // namespace atlasjob
