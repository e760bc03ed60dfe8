#pragma once

#include "ledger/store.h"

#include <sys/types.h>

#include <functional>

namespace atlasjob {

/// Terminates the orphans that a lost attempt's command left running on this machine: the processes
/// of its session, and those whose environment names the attempt. TERM, 2 s, KILL; returns when
/// they are gone. `owner` is the ledger's account, which controls what the ledger says; therefore
/// root signals only processes of that account.
///
/// Returns false if some are left because this account may not signal them, because they do not
/// die, or because `still_lost` returned false. That is called after each search and before any
/// signal, which ensures that the processes found do not belong to a later attempt.
bool terminate_orphans(
    const RunningAttempt& attempt, uid_t owner, const std::function<bool()>& still_lost);

}  // namespace atlasjob
