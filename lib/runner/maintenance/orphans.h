#pragma once

#include "ledger/store.h"

#include <sys/types.h>

#include <functional>

namespace atlasjob {

/// Ends what a lost attempt's command left running on this machine: the processes of its session,
/// and those whose environment names the attempt. TERM, 2 s, KILL; returns when they are gone.
/// `owner` is the account of the ledger, which can write into it what it likes: root ends only
/// processes of that account.
/// False when some are left because they are not ours to signal, or will not die, or because
/// `still_lost` says that the attempt is not lost any more. It is asked after each look for them
/// and before any of them is signalled: what was found by then is of no later attempt.
bool terminate_orphans(
    const RunningAttempt& attempt, uid_t owner, const std::function<bool()>& still_lost);

}  // namespace atlasjob
