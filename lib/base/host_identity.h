#pragma once

#include <cstdint>
#include <string>

namespace atlasjob {

/// What all processes of a machine, boot, pid and time namespace share.
struct HostIdentity {
    std::string host;  ///< Host name, for display only: hosts get renamed.
    /// Keyed hash of /etc/machine-id, 32 hexadecimal digits: machine-id(5) asks programs not to
    /// store the id itself. Empty if the machine has none, as in many containers.
    std::string machine_id;
    std::string boot_id;               ///< /proc/sys/kernel/random/boot_id
    std::uint64_t pid_namespace = 0;   ///< Inode of /proc/self/ns/pid; 0: unknown.
    std::uint64_t time_namespace = 0;  ///< Inode of /proc/self/ns/time; 0: unknown.
};

/// This process's. Read once: none of it changes while a process lives. Thread-safe.
const HostIdentity& host_identity();

}  // namespace atlasjob
