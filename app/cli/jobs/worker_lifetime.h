#pragma once

#include "ledger/store.h"
#include "process/placement.h"

#include <string>

namespace atlasjob::cli {

/// Whether the jobs of this account outlive logouts, restarts of services and reboots: where its
/// living workers are, how long they may live there, and what starts queued jobs after a reboot.
/// `home` is the account's home directory.
Finding check_lifetime(
    Store& store, Time now, const PlacementFacts& facts, const std::string& home);

}  // namespace atlasjob::cli
