#include "process/identity.h"

#include "base/host_identity.h"
#include "process/proc.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace atlasjob {

namespace {

/// This process's identity without pid and start.
ProcessIdentity shared_identity() {
    const HostIdentity& host = host_identity();
    return {host.host, host.machine_id, host.boot_id, host.pid_namespace, host.time_namespace};
}

bool no_such_process(pid_t pid) {
    return kill(pid, 0) != 0 && errno == ESRCH;
}

bool is_other_machine(const ProcessIdentity& process) {
    const std::string& here = host_identity().machine_id;
    return !process.machine_id.empty() && !here.empty() && process.machine_id != here;
}

/// Whether it ran before this machine's last reboot. Without a machine id it may as well run on
/// another machine.
bool is_of_earlier_boot(const ProcessIdentity& process) {
    const HostIdentity& here = host_identity();
    return !process.machine_id.empty() && process.machine_id == here.machine_id
           && !process.boot_id.empty() && !here.boot_id.empty() && process.boot_id != here.boot_id;
}

/// Whether its pid is from this boot and pid namespace. No two machines share a boot id, so the
/// machine id need not be known.
bool same_pids(const ProcessIdentity& process) {
    const HostIdentity& here = host_identity();
    return !process.boot_id.empty() && process.boot_id == here.boot_id && process.pid_namespace != 0
           && process.pid_namespace == here.pid_namespace;
}

/// Whether its start can be compared with what /proc shows here.
bool same_ticks(const ProcessIdentity& process) {
    return process.time_namespace != 0 && process.time_namespace == host_identity().time_namespace;
}

}  // namespace

ProcessIdentity current_process() {
    static const auto known = identify(getpid());
    if (known && known->pid == getpid()) return *known;
    // A forked child of the process that filled the cache, or no /proc.
    return identify(getpid()).value_or(shared_identity());
}

std::optional<ProcessIdentity> identify(pid_t pid) {
    const auto stat = proc_stat(pid);
    if (!stat) return {};
    ProcessIdentity process = shared_identity();
    process.pid = pid;
    process.start_ticks = stat->start_ticks;
    return process;
}

Liveness liveness_of(const ProcessIdentity& process) {
    if (is_other_machine(process)) return Liveness::unknown;
    if (is_of_earlier_boot(process)) return Liveness::gone;
    if (!same_pids(process) || process.pid <= 0) return Liveness::unknown;
    const auto pid = static_cast<pid_t>(process.pid);
    const auto stat = proc_stat(pid);
    // A /proc mounted with hidepid hides other accounts' processes: ask kill(2).
    if (!stat) return no_such_process(pid) ? Liveness::gone : Liveness::unknown;
    if (!same_ticks(process)) return Liveness::unknown;
    const bool same = stat->start_ticks == process.start_ticks;
    return same && !stat->ended() ? Liveness::alive : Liveness::gone;
}

bool is_stopped(const ProcessIdentity& process) {
    if (!same_pids(process) || !same_ticks(process)) return false;
    const auto stat = proc_stat(static_cast<pid_t>(process.pid));
    return stat && stat->start_ticks == process.start_ticks && stat->stopped();
}

}  // namespace atlasjob
