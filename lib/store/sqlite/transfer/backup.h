#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::back_up, of the snapshot of the caller's transaction.
void copy_ledger(Connection& connection, const BackupRequest& request, const PartDone& part_done);

}  // namespace atlasjob::sqlite
