#pragma once

#include "base/id.h"
#include "base/process_identity.h"
#include "base/time.h"
#include "ledger/status.h"
#include "ledger/worker.h"

#include <cstdint>
#include <string>
#include <vector>

namespace atlasjob {

using JobId = Id<struct JobTag>;

struct Label {
    std::string key;
    std::string value;

    friend bool operator==(const Label&, const Label&) = default;
};

/// The user on whose behalf a front end acts.
struct Principal {
    std::string name;
    bool admin = false;  ///< May see and change every owner's jobs.

    bool may_see(std::string_view owner) const { return admin || owner == name; }
};

/// What the processes of an attempt used. A member is nullopt if it could not be measured.
struct Usage {
    std::optional<milliseconds> cpu;  ///< User and system time.
    std::optional<std::int64_t> max_rss_bytes;
    std::optional<std::int64_t> read_bytes;     ///< From block devices.
    std::optional<std::int64_t> written_bytes;  ///< To block devices.
    std::optional<std::int64_t> oom_kills;

    friend bool operator==(const Usage&, const Usage&) = default;
};

/// The current state of a job: its row, labels, dependencies and command. JSON values are compact
/// text. Every member has a row in the table of job_fields.h.
struct Job {
    explicit Job(const JobId& id) : job_id(id) {}

    JobId job_id;          ///< For programs; never reused.
    std::int64_t seq = 0;  ///< For people: `atlasjob status 42`; never reused.
    std::string kind;      ///< Type of work, chosen by the submitter.
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< JSON: what the work applies to.
    std::string owner;
    std::vector<Label> labels;  ///< Sorted by key.

    Status status = Status::queued;
    std::optional<Reason> reason;
    std::optional<double> progress;  ///< 0.0-1.0; always 1.0 if done.
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;

    Time created_at;
    std::optional<Time> run_after;   ///< Earliest start. Kept after the job has started.
    std::optional<Time> started_at;  ///< Of the latest attempt.
    Time updated_at;
    std::optional<Time> ended_at;    ///< Set if and only if terminal; never before started_at.
    std::optional<Time> expires_at;  ///< Set if and only if terminal: when gc may delete the job.

    std::optional<std::string> result;  ///< JSON; only if terminal.
    std::optional<std::string> error;   ///< One sentence; only if terminal.
    std::optional<std::string> error_code;
    std::optional<int> exit_code;
    std::optional<std::string> signal;  ///< Name, such as SIGKILL.

    std::string queue;
    int priority = 0;  ///< Higher starts first.
    int attempt = 0;   ///< The latest attempt's number, from 1; 0 before the first.
    int max_attempts = 1;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;  ///< Overrides the default of the terminal status.
    std::optional<Time> cancel_requested_at;
    std::optional<std::string> key;  ///< Idempotency key: unique among an owner's active jobs.
    std::vector<JobId> after;        ///< Dependencies: it starts once these are done.
    std::vector<JobId> after_ended;  ///< It starts once these have ended, in any way.

    std::vector<std::string> command;  ///< argv, any bytes. Empty: executed outside atlasjob.
    std::optional<std::string> cwd;
    std::optional<ProcessIdentity> worker;  ///< Supervisor of the latest attempt, if known.
    std::optional<Time> lease_until;        ///< Without a lease the job is never stale.
    std::optional<Time> suspect_at;         ///< When the lease was first found to have expired.
    std::int64_t log_bytes = 0;
    std::int64_t rev = 0;  ///< Incremented by every write except a heartbeat.
    bool held = false;     ///< Imported while queued: does not run here until it is retried.
    /// The account that submitted it on this machine: only that account's workers run its command.
    /// nullopt: unknown, as for imported jobs; any account's workers do.
    std::optional<AccountId> account;

    std::optional<Usage> usage;           ///< Of the latest attempt that has ended, if known.
    std::optional<std::string> group;     ///< One name for many jobs.
    std::optional<std::string> schedule;  ///< Name of the schedule that submitted it.
    std::optional<Time> scheduled_for;    ///< The time of the schedule that it was submitted for.
    std::optional<std::string> account_name;  ///< Login name of the submitting account.
    std::optional<std::string> host;          ///< Where it was submitted.
    bool frozen = false;                      ///< Running, and its processes are stopped.
    std::optional<std::string> session;       ///< The agent's conversation that submitted it.

    friend bool operator==(const Job&, const Job&) = default;
};

/// Where a command's result comes from.
enum class ResultFrom { report, standard_output };

/// Everything needed to run a job's command. Stored apart from the job's row because only claims
/// read it. The environment is never exported as JSON.
struct CommandSpec {
    std::vector<std::string> argv;         ///< At least one, except in a hook; no NUL bytes.
    std::string cwd;                       ///< Absolute.
    std::vector<std::string> environment;  ///< "NAME=value"
    unsigned umask = 022;
    /// Nice value, CPUs and resource limits (process_attributes.h); nullopt: those of the worker.
    std::optional<std::string> attributes;
    ResultFrom result_from = ResultFrom::report;
    std::optional<std::int64_t> log_limit_bytes;
    bool keep_strays = false;
    std::optional<milliseconds> backoff;     ///< Delay before the second attempt.
    std::optional<double> backoff_factor;    ///< Of the delay, per further attempt; by default 2.
    std::optional<milliseconds> grace;       ///< Between the kill signal and SIGKILL.
    std::optional<std::string> kill_signal;  ///< Name, such as SIGINT; by default SIGTERM.
    std::optional<std::string> input;        ///< Standard input, any bytes; nullopt: /dev/null.
    std::optional<std::string> on_end;       ///< Run with sh -c when the job has ended.
    /// How to read progress from the output: "auto", or a regular expression (RE2 syntax) with
    /// one group (a percentage) or two (current and total).
    std::optional<std::string> progress_from;

    friend bool operator==(const CommandSpec&, const CommandSpec&) = default;
};

/// Who executes an attempt, and how long it may be silent.
struct AttemptOwner {
    std::optional<ProcessIdentity> supervisor;  ///< nullopt: unknown, for a job of `create`.
    std::optional<milliseconds> lease;          ///< Without a lease the attempt is never suspect.
    /// The supervisor spawns the command immediately. If it is found dead before a process was
    /// noted, the attempt counts as one whose command may have run.
    bool starts_at_once = false;
};

/// A job to be submitted. `submit` checks it (limits.h) before writing anything.
struct NewJob {
    explicit NewJob(const JobId& id) : job_id(id) {}

    JobId job_id;  ///< Chosen by the caller, so that it can resolve an unknown outcome.
    std::string kind = "command";
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< Compact JSON.
    std::string owner;
    std::vector<Label> labels;
    std::string queue = "default";
    int priority = 0;
    std::optional<Time> run_after;
    std::vector<JobId> after;
    std::vector<JobId> after_ended;
    std::optional<std::string> key;
    int max_attempts = 1;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;
    std::optional<milliseconds> lease;   ///< Of a job without a command, once it is started.
    std::optional<CommandSpec> command;  ///< nullopt: executed outside atlasjob.
    /// Of a job without a command: its on_end, and the directory, environment and umask to run that
    /// with. Everything else in it is unused, and argv is empty.
    std::optional<CommandSpec> hook;
    std::optional<AttemptOwner> start_as;  ///< Creates the job running, with an open attempt.
    std::optional<std::string> session;    ///< The agent's conversation that submits it.
};

/// Changes to a queued job; fields without a value stay as they are.
struct JobEdit {
    std::optional<int> priority;
    std::optional<std::string> queue;
    std::optional<Time> run_after;
};

/// Names one attempt of one job. If a given field differs from the row, the caller has lost the
/// attempt. A supervisor passes the fence, a program inside the job the attempt number; the
/// executor of a `create`d job may know neither.
struct AttemptKey {
    explicit AttemptKey(const JobId& id) : job_id(id) {}
    AttemptKey(const JobId& id, int n, std::int64_t f) : job_id(id), attempt(n), fence(f) {}

    JobId job_id;
    std::optional<int> attempt;
    std::optional<std::int64_t> fence;
};

/// What an executor reports about a running attempt; fields without a value stay as they are.
struct Report {
    std::optional<double> progress;  ///< 0.0-1.0
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;
    std::optional<std::string> result;  ///< Compact JSON; the job's result if it ends as done.
};

/// How an attempt ended.
struct Outcome {
    Status status = Status::done;  ///< done, error or cancelled.
    std::optional<Reason> reason;
    std::optional<std::string> result;  ///< Compact JSON; by default the reported one, if done.
    std::optional<std::string> error;
    std::optional<std::string> error_code;
    std::optional<int> exit_code;
    std::optional<std::string> signal;
    std::int64_t log_bytes = 0;
    milliseconds ago{};  ///< How long ago it ended, if the ledger could not be written since.
    std::optional<ProcessIdentity> process;  ///< The command's process, unless already noted.
};

/// One entry of a job's history.
struct Event {
    std::int64_t seq = 0;  ///< Orders all events of the ledger.
    std::string job_id;
    Time at;
    std::string type;  ///< A Verb, or the type of a note (Store::note_event).
    std::optional<Status> from;
    Status to = Status::queued;
    std::string actor;
    std::optional<Reason> reason;
    std::optional<std::string> detail;  ///< One line; of a note: what it is about, or why.

    friend bool operator==(const Event&, const Event&) = default;
};

/// A job that was deleted, for whoever deletes its output.
struct PrunedJob {
    JobId job_id;
    std::int64_t seq = 0;
    int attempts = 0;  ///< Its attempts with output are numbered from 1 to this.
};

/// What remains of a pruned job.
struct Tombstone {
    std::string job_id;
    std::int64_t seq = 0;
    std::string owner;
    Status last_status = Status::done;
    std::optional<Reason> last_reason;
    Time ended_at;
    Time pruned_at;
};

}  // namespace atlasjob
