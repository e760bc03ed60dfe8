#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::import_jobs within the caller's write transaction.
Imported import_jobs(Connection& connection, const ImportRequest& request);

}  // namespace atlasjob::sqlite
