#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::back_up, on the caller's snapshot. The snapshot is held while its pages are copied, so
/// writers never make SQLite's backup start again.
void copy_ledger(Connection& connection, const BackupRequest& request, const PartDone& part_done);

}  // namespace atlasjob::sqlite
