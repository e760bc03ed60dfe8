#pragma once

#include <cstdint>
#include <string>

namespace atlasjob {

/// Identifies one process among all that ever ran (pids are reused). Two identities name the same
/// process exactly if they are equal in everything but `host`. host_identity.h describes the parts
/// that processes share.
struct ProcessIdentity {
    std::string host;  ///< For display only.
    std::string machine_id;
    std::string boot_id;
    std::uint64_t pid_namespace = 0;   ///< Each container numbers its own pids.
    std::uint64_t time_namespace = 0;  ///< Each counts clock ticks from a boot time of its own.
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< Field 22 of /proc/<pid>/stat: clock ticks since boot.

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

}  // namespace atlasjob
