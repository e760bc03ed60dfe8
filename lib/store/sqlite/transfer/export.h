#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Store::export_jobs, on the caller's snapshot.
void export_jobs(
    Connection& connection,
    const JobFilter& filter,
    const Principal& principal,
    const RecordSink& sink);

/// The job with its labels, command, attempts and events; nullopt if it does not exist.
std::optional<JobRecord> load_record(Connection& connection, const JobId& id);

/// Store::attempts_of, on the caller's snapshot.
std::vector<AttemptRecord> load_attempts(Connection& connection, const JobId& id);

}  // namespace atlasjob::sqlite
