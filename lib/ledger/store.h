#pragma once

#include "ledger/job_store.h"
#include "ledger/maintenance_store.h"
#include "ledger/transfer_store.h"
#include "ledger/worker_store.h"

namespace atlasjob {

/// The ledger. Each verb is atomic. Once a verb that changes a status has returned, the change
/// survives a crash of the machine. Progress, heartbeats and noted processes survive the crash of
/// any process, but may be lost if the machine crashes.
///
/// A lost race is reported as a value (nullopt, false, an enumerator). Exceptions are for errors
/// that users see: Error(invalid_argument) bad input; (refused) the job's state does not allow it;
/// (not_found); (unavailable) the ledger is locked, full or unreadable now; (outcome_unknown) a
/// commit failed but may be durable; (not_a_ledger); (newer_ledger).
///
/// Times come from the store's own clock (read_clock), read once a verb holds the write lock. If it
/// is before a time in the row, a verb uses the row's time, so that
/// ended_at >= started_at >= created_at even if the clock steps back.
/// Verbs act on any owner's job: the caller must check that the principal may (find.h).
/// A Store must be used by one thread at a time and must not be used in a forked child.
class Store : public JobStore, public WorkerStore, public MaintenanceStore, public TransferStore {};

}  // namespace atlasjob
