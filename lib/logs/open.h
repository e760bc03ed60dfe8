#pragma once

#include "base/clock.h"
#include "ledger/address.h"
#include "ledger/log_store.h"

#include <memory>

namespace atlasjob {

/// The output of a ledger's jobs; the only way to get a LogStore. Opens no file: files are looked
/// for when they are read, and created when they are written. `clock` gives the times in the output
/// and must outlive the store.
std::unique_ptr<LogStore> open_logs(
    const LedgerAddress& address, const Clock& clock = machine_clock());

}  // namespace atlasjob
