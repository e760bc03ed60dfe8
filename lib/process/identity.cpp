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

/// What all processes of this machine, boot and pid namespace share.
ProcessIdentity surroundings() {
    ProcessIdentity here;
    here.host = host_name();
    if (const auto boot = read_file("/proc/sys/kernel/random/boot_id")) {
        here.boot_id = std::string{trim(*boot)};
    }
    struct stat pid_namespace {};
    if (stat("/proc/self/ns/pid", &pid_namespace) == 0) {
        here.pid_namespace = pid_namespace.st_ino;
    }
    return here;
}

/// None of it changes while a process lives.
const ProcessIdentity& here() {
    static const ProcessIdentity known = surroundings();
    return known;
}

bool no_such_process(pid_t pid) {
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/// Whether a pid of that identity means the same here as where it was noted.
bool same_pids(const ProcessIdentity& process) {
    return !process.boot_id.empty() && process.boot_id == here().boot_id
           && process.pid_namespace != 0 && process.pid_namespace == here().pid_namespace;
}

}  // namespace

ProcessIdentity current_process() {
    static const auto known = identify(getpid());
    if (known && known->pid == getpid()) return *known;
    // A fork of the process that asked first, or no /proc.
    return identify(getpid()).value_or(here());
}

std::optional<ProcessIdentity> identify(pid_t pid) {
    const auto stat = proc_stat(pid);
    if (!stat) return {};
    ProcessIdentity process = here();
    process.pid = pid;
    process.start_ticks = stat->start_ticks;
    return process;
}

Liveness liveness_of(const ProcessIdentity& process) {
    if (process.boot_id.empty() || here().boot_id.empty()) return Liveness::unknown;
    if (process.boot_id != here().boot_id) return Liveness::gone;
    if (!same_pids(process) || process.pid <= 0) return Liveness::unknown;
    const auto pid = static_cast<pid_t>(process.pid);
    const auto stat = proc_stat(pid);
    // A /proc mounted with hidepid shows no strangers: only kill(2) knows that nobody is there.
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
