#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::import_jobs, in the caller's write transaction: other writers wait until it ends, and
/// give up after 30 s. Keeps a job's event numbers if all of them are free, and otherwise assigns
/// new ones, so that their order is never lost.
Imported import_jobs(Connection& connection, const ImportRequest& request);

}  // namespace atlasjob::sqlite
