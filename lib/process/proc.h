#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// One line of /proc/<pid>/stat, as far as anybody here asks.
struct ProcStat {
    pid_t pid = 0;
    char state = '?';  ///< R S D T t Z X I
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_ticks = 0;  ///< Since boot; with the pid it tells a process from its heirs.

    bool ended() const { return state == 'Z' || state == 'X'; }
    bool stopped() const { return state == 'T'; }
};

/// Reads the text of a stat file; any bytes may stand in the program's name. Nothing when it is
/// not one.
std::optional<ProcStat> parse_proc_stat(std::string_view text);

/// Nothing when there is no such process, or /proc does not show it to us.
std::optional<ProcStat> proc_stat(pid_t pid);

/// Every process that /proc shows, in no order. Each may be gone by the time one looks.
std::vector<pid_t> all_pids();

/// The processes whose parent is this one, adopted ones and zombies included. Complete: only the
/// caller reaps them, so none can leave the list while it is read.
std::vector<pid_t> own_children();

}  // namespace atlasjob
