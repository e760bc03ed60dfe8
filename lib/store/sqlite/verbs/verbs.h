#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/query.h"
#include "store/sqlite/connection/rows.h"
#include "store/sqlite/verbs/attempts.h"

namespace atlasjob::sqlite {

/// Store::submit within the caller's write transaction.
Submitted insert_job(Connection& connection, const NewJob& job, Time now);

// What hangs on a row that is there.
void insert_command(Connection& connection, std::int64_t seq, const CommandSpec& command);
void insert_labels(Connection& connection, std::int64_t seq, const std::vector<Label>& labels);

/// Store::claim within the caller's write transaction.
std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now);

/// Store::next_due.
std::optional<Time> next_due(Connection& connection, const std::optional<AccountId>& account);

/// Store::count_runnable.
std::int64_t count_runnable(Connection& connection, const std::optional<AccountId>& account);

/// Store::runnable_jobs.
std::vector<RunnableJobs> runnable_jobs(Connection& connection);

// The verbs of an executor, each within the caller's write transaction (see Store).

AttemptKey start_job(Connection& connection, const JobId& id, const std::string& actor, Time now);
bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process);
std::optional<HeartbeatReply> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now);
std::optional<HeartbeatReply> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now);
bool release_attempt(
    Connection& connection, const AttemptKey& key, const std::string& actor, Time now);

// Store::request_cancel, retry, edit and note_event within the caller's write transaction.

CancelResult request_cancel(
    Connection& connection, const JobId& id, const CancelRequest& request, Time now);
void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now);
void edit_job(
    Connection& connection,
    const JobId& id,
    const JobEdit& edit,
    const std::string& actor,
    Time now);
void note_event(
    Connection& connection,
    const JobId& id,
    const std::string& type,
    const std::string& actor,
    Time now);
/// The same, of a job that was loaded already; `at` is not before its last event.
void note_event(
    Connection& connection,
    const JobState& state,
    const std::string& type,
    const std::string& actor,
    Time at);

// Store::running_attempts, mark_suspect and reap within the caller's transaction.

std::vector<RunningAttempt> running_attempts(Connection& connection);
bool mark_suspect(Connection& connection, const AttemptKey& key, Time now);
std::optional<Finished> reap_attempt(
    Connection& connection,
    const AttemptKey& key,
    ReapGround ground,
    const std::string& actor,
    Time now);

/// Store::owed_hooks.
std::vector<OwedHook> owed_hooks(Connection& connection, const std::optional<AccountId>& account);

/// Store::take_hook within the caller's write transaction.
std::optional<Status> take_hook(
    Connection& connection, const JobId& id, const std::optional<AccountId>& account);

// Store's verbs of workers within the caller's transaction.

std::int64_t insert_worker(Connection& connection, const NewWorker& worker, Time now);
bool renew_worker(Connection& connection, std::int64_t worker_id, bool draining, Time now);
void delete_worker(Connection& connection, std::int64_t worker_id);
std::vector<Worker> load_workers(Connection& connection);

// Store::prune, forget, count_prunable and drop_tombstones within the caller's transaction.

std::vector<PrunedJob> prune_jobs(
    Connection& connection, const Retention& retention, int limit, Time now);
PrunedJob forget_job(Connection& connection, const JobId& id, Time now);
std::int64_t count_prunable(Connection& connection, const Retention& retention, Time now);
int drop_tombstones(Connection& connection, int limit, Time now);

}  // namespace atlasjob::sqlite
