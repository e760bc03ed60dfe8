#include "process/identity.h"

#include "base/file.h"
#include "base/text.h"
#include "process/proc.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace atlasjob {

namespace {

std::string host_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

/// The part that all processes of this machine, boot and pid namespace share.
ProcessIdentity read_host_identity() {
    ProcessIdentity identity;
    identity.host = host_name();
    if (const auto boot = read_file("/proc/sys/kernel/random/boot_id")) {
        identity.boot_id = std::string{trim(*boot)};
    }
    struct stat pid_namespace {};
    if (stat("/proc/self/ns/pid", &pid_namespace) == 0) {
        identity.pid_namespace = pid_namespace.st_ino;
    }
    return identity;
}

/// Cached: none of it changes while a process lives.
const ProcessIdentity& host_identity() {
    static const ProcessIdentity cached = read_host_identity();
    return cached;
}

bool no_such_process(pid_t pid) {
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/// Whether its pid is from this boot and pid namespace.
bool same_pids(const ProcessIdentity& process) {
    return !process.boot_id.empty() && process.boot_id == host_identity().boot_id
           && process.pid_namespace != 0 && process.pid_namespace == host_identity().pid_namespace;
}

}  // namespace

ProcessIdentity current_process() {
    static const auto known = identify(getpid());
    if (known && known->pid == getpid()) return *known;
    // A forked child of the process that filled the cache, or no /proc.
    return identify(getpid()).value_or(host_identity());
}

std::optional<ProcessIdentity> identify(pid_t pid) {
    const auto stat = proc_stat(pid);
    if (!stat) return {};
    ProcessIdentity process = host_identity();
    process.pid = pid;
    process.start_ticks = stat->start_ticks;
    return process;
}

Liveness liveness_of(const ProcessIdentity& process) {
    if (process.boot_id.empty() || host_identity().boot_id.empty()) return Liveness::unknown;
    if (process.boot_id != host_identity().boot_id) return Liveness::gone;
    if (!same_pids(process) || process.pid <= 0) return Liveness::unknown;
    const auto pid = static_cast<pid_t>(process.pid);
    const auto stat = proc_stat(pid);
    // A /proc mounted with hidepid hides other accounts' processes: ask kill(2).
    if (!stat) return no_such_process(pid) ? Liveness::gone : Liveness::unknown;
    const bool same = stat->start_ticks == process.start_ticks;
    return same && !stat->ended() ? Liveness::alive : Liveness::gone;
}

bool is_stopped(const ProcessIdentity& process) {
    if (!same_pids(process)) return false;
    const auto stat = proc_stat(static_cast<pid_t>(process.pid));
    return stat && stat->start_ticks == process.start_ticks && stat->stopped();
}

}  // namespace atlasjob
