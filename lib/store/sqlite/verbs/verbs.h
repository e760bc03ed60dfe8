#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/rows.h"

namespace atlasjob::sqlite {

// The verbs of Store on a connection; store.h documents what they do. Verbs that write run in the
// caller's write transaction, the others on the caller's snapshot. Finishing is in finish.h,
// pausing in pause.h.

// --- submit.cpp ------------------------------------------------------------------------------

/// Store::submit of a job that has passed check().
Submitted insert_job(Connection& connection, const NewJob& job, Time now);

/// The queued or running job of `owner` that holds `key`, as a submit that created nothing.
std::optional<Submitted> active_with_key(
    Connection& connection, const std::string& owner, const std::optional<std::string>& key);

// Rows of an existing job; import uses them, too. A hook (NewJob::hook) is inserted like a command.
bool has_on_end(const std::optional<CommandSpec>& command, const std::optional<CommandSpec>& hook);
void insert_command(Connection& connection, std::int64_t seq, const CommandSpec& command);
void insert_labels(Connection& connection, std::int64_t seq, const std::vector<Label>& labels);

// --- claim.cpp -------------------------------------------------------------------------------

/// Store::claim. Promotes jobs that have become due even if every queue is paused, so that next_due
/// never returns a time in the past.
std::optional<Claim> claim_job(Connection& connection, const ClaimRequest& request, Time now);

/// Store::next_due.
std::optional<Time> next_due(Connection& connection, const std::optional<AccountId>& account);

/// Store::count_runnable.
std::int64_t count_runnable(Connection& connection, const std::optional<AccountId>& account);

/// Store::runnable_jobs.
std::vector<RunnableJobs> runnable_jobs(Connection& connection);

// --- start.cpp -------------------------------------------------------------------------------

/// Store::start.
AttemptKey start_job(Connection& connection, const JobId& id, const std::string& actor, Time now);

// --- report.cpp ------------------------------------------------------------------------------

/// Store::note_process.
bool note_process(Connection& connection, const AttemptKey& key, const ProcessIdentity& process);

/// Store::heartbeat.
std::optional<HeartbeatReply> renew_lease(
    Connection& connection, const AttemptKey& key, std::int64_t log_bytes, Time now);

/// Store::report of a report that has passed check().
std::optional<HeartbeatReply> record_report(
    Connection& connection, const AttemptKey& key, const Report& report, Time now);

// --- cancel.cpp ------------------------------------------------------------------------------

/// Store::request_cancel.
CancelResult request_cancel(
    Connection& connection, const JobId& id, const CancelRequest& request, Time now);

// --- retry.cpp -------------------------------------------------------------------------------

/// Store::retry. Releasing a held job is a note in its history, not a transition.
void retry_job(Connection& connection, const JobId& id, const std::string& actor, Time now);

// --- edit.cpp --------------------------------------------------------------------------------

/// Store::edit of an edit that has passed check().
void edit_job(
    Connection& connection,
    const JobId& id,
    const JobEdit& edit,
    const std::string& actor,
    Time now);

// --- reap.cpp --------------------------------------------------------------------------------

/// Store::running_attempts.
std::vector<RunningAttempt> running_attempts(Connection& connection);

/// Store::mark_suspect.
bool mark_suspect(Connection& connection, const AttemptKey& key, const ClockReading& now);

/// Store::reap.
std::optional<Finished> reap_attempt(
    Connection& connection,
    const AttemptKey& key,
    ReapGround ground,
    const std::string& actor,
    const ClockReading& now);

// --- release.cpp -----------------------------------------------------------------------------

/// Store::release.
bool release_attempt(
    Connection& connection, const AttemptKey& key, const std::string& actor, Time now);

// --- prune.cpp -------------------------------------------------------------------------------

/// Store::remove.
PrunedJob delete_job(Connection& connection, const JobId& id, Time now);

/// Store::count_prunable.
std::int64_t count_prunable(Connection& connection, const Retention& retention, Time now);

/// Store::drop_tombstones.
int drop_tombstones(Connection& connection, int limit, Time now);

// --- workers.cpp -----------------------------------------------------------------------------

/// Store::register_worker of a worker that has passed check().
std::int64_t insert_worker(Connection& connection, const NewWorker& worker, Time now);

/// Store::worker_heartbeat.
bool renew_worker(Connection& connection, std::int64_t worker_id, bool draining, Time now);

/// Store::unregister_worker.
void delete_worker(Connection& connection, std::int64_t worker_id);

/// Store::workers.
std::vector<Worker> load_workers(Connection& connection);

// --- owed_hooks.cpp --------------------------------------------------------------------------

/// Store::owed_hooks.
std::vector<OwedHook> owed_hooks(Connection& connection, const std::optional<AccountId>& account);

/// Store::take_hook. Clearing the mark is the one change that a terminal row allows; it leaves rev
/// and updated_at alone.
std::optional<Status> take_hook(
    Connection& connection, const JobId& id, const std::optional<AccountId>& account);

// --- note_event.cpp --------------------------------------------------------------------------

/// Store::note_event. The note has the job's current status as both from and to.
void note_event(Connection& connection, const JobId& id, const Note& note, Time now);

/// As above, for a job that is already loaded; `at` must not be before its `updated_at`.
void note_event(Connection& connection, const JobState& state, const Note& note, Time at);

}  // namespace atlasjob::sqlite
