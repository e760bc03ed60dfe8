#pragma once

#include <cstdint>
#include <string>

namespace atlasjob {

/// Identifies one process among all that ever ran (pids are reused). Two identities name the same
/// process exactly if they are equal in everything but `host`.
struct ProcessIdentity {
    std::string host;     ///< For display only: hosts get renamed.
    std::string boot_id;  ///< /proc/sys/kernel/random/boot_id
    std::uint64_t pid_namespace =
        0;  ///< Inode of /proc/self/ns/pid; each container numbers its own pids.
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< Field 22 of /proc/<pid>/stat: clock ticks since boot.

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

}  // namespace atlasjob
