#pragma once

#include "ledger/policy.h"

namespace atlasjob {

/// How often and how long the supervisor of an attempt does what it does. The defaults are the
/// product's; tests go faster.
struct Pace {
    milliseconds heartbeat = kHeartbeatInterval;
    milliseconds note =
        25ms;  ///< Of the command's process: most commands that end sooner need none.
    milliseconds report = kReportInterval;
    milliseconds look = 1s;  ///< At the job itself, for changes that no bell told.
    milliseconds grace = kGrace;
    milliseconds stray_grace = 2s;     ///< From TERM to KILL for what an ended command left behind.
    milliseconds partial = 200ms;      ///< How long the beginning of a line stays out of the log.
    milliseconds first_retry = 100ms;  ///< Before a finish is tried again; doubles,
    milliseconds longest_retry = 5s;   ///< up to this.
};

}  // namespace atlasjob
