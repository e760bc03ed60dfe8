#pragma once

#include "ledger/store.h"

#include <sys/types.h>

#include <functional>

namespace atlasjob {

/// Where to look for orphans.
struct OrphanSearch {
    /// The ledger's account, which controls what the ledger says; therefore root signals only
    /// processes of that account.
    uid_t owner = 0;
    /// The attempt's supervisor was a child of this process, which has adopted what it left.
    bool adopted = false;
};

/// Terminates the orphans that a lost attempt's command left running on this machine: the processes
/// of its session, those whose environment names the attempt, and the adopted ones that started
/// after the command and whose environment names no job. TERM, 2 s, KILL; returns when they are
/// gone.
///
/// Returns false if some are left because this account may not signal them, because they do not
/// die, or because `still_lost` returned false. That is called after each search and before any
/// signal, which ensures that the processes found do not belong to a later attempt.
bool terminate_orphans(
    const RunningAttempt& attempt,
    const OrphanSearch& search,
    const std::function<bool()>& still_lost);

}  // namespace atlasjob
