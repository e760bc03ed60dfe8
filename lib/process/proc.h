#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// The fields of /proc/<pid>/stat that atlasjob uses.
struct ProcStat {
    pid_t pid = 0;
    char state = '?';  ///< R S D T t Z X I
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_ticks = 0;  ///< Since boot; pid and start together survive pid reuse.

    bool ended() const { return state == 'Z' || state == 'X'; }
    bool stopped() const { return state == 'T'; }
};

/// Parses the text of a stat file, whose program name may contain any bytes; nullopt if malformed.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text);

/// nullopt if there is no such process, or /proc hides it from this account.
[[nodiscard]] std::optional<ProcStat> proc_stat(pid_t pid);

/// The account that a process belongs to; nullopt if there is no such process. That of a process
/// whose memory others may not read is root.
[[nodiscard]] std::optional<uid_t> account_of(pid_t pid);

/// Every process that /proc shows, in no particular order. Any may exit at any time.
[[nodiscard]] std::vector<pid_t> all_pids();

/// The children of this process, including adopted ones and zombies. May miss some while others
/// exit.
[[nodiscard]] std::vector<pid_t> own_children();

}  // namespace atlasjob
