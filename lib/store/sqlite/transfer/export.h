#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::export_jobs, on the snapshot of the caller's transaction.
void export_jobs(
    Connection& connection,
    const ListQuery& wanted,
    const Principal& principal,
    const RecordSink& sink);

/// The job with all that hangs on it, or nothing when it is not there.
std::optional<JobRecord> load_record(Connection& connection, const JobId& id);

}  // namespace atlasjob::sqlite
