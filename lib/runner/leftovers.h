#pragma once

#include "ledger/store.h"

namespace atlasjob {

/// Ends what a lost attempt's command left running on this machine: the processes of its session,
/// and those whose environment names the attempt. TERM, 2 s, KILL; returns when they are gone.
/// False when some are left because they are not ours to signal, or will not die.
bool end_leftovers(const RunningAttempt& attempt);

}  // namespace atlasjob
