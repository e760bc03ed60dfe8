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

/// Whom a front end acts for.
struct Principal {
    std::string name;
    bool admin = false;  ///< Sees and changes every owner's jobs.

    bool may_see(std::string_view owner) const { return admin || owner == name; }
};

/// A job as it is now: one row and what hangs on it. JSON values are kept as compact text.
struct Job {
    explicit Job(const JobId& id) : job_id(id) {}

    JobId job_id;          ///< For programs; never reused.
    std::int64_t seq = 0;  ///< For people: `atlasjob status 42`; never reused.
    std::string kind;      ///< What sort of work; the submitter's own word.
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< JSON: what the work is about.
    std::string owner;
    std::vector<Label> labels;  ///< Sorted by key.

    Status status = Status::queued;
    std::optional<Reason> reason;
    std::optional<double> progress;  ///< 0.0-1.0; always 1.0 when done.
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;

    Time created_at;
    std::optional<Time> run_after;   ///< Queued: not before. Kept once it ran.
    std::optional<Time> started_at;  ///< Of the latest attempt.
    Time updated_at;
    std::optional<Time> ended_at;    ///< Exactly when terminal; never before started_at.
    std::optional<Time> expires_at;  ///< Exactly when terminal: gc forgets it then.

    std::optional<std::string> result;  ///< JSON; only when terminal.
    std::optional<std::string> error;   ///< One sentence; only when terminal.
    std::optional<std::string> error_code;
    std::optional<int> exit_code;
    std::optional<std::string> signal;  ///< Name, such as SIGKILL.

    std::string queue;
    int priority = 0;  ///< Higher starts first.
    int attempt = 0;   ///< The latest attempt's number, from 1; 0 before the first.
    int max_attempts = 1;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;  ///< The job's own, instead of its status' default.
    std::optional<Time> cancel_requested_at;
    std::optional<std::string> key;  ///< Idempotency key: unique among an owner's active jobs.
    std::vector<JobId> after;        ///< Jobs it waits for.

    std::vector<std::string> command;  ///< Empty: somebody else executes it. May hold any bytes.
    std::optional<std::string> cwd;
    std::optional<ProcessIdentity> worker;  ///< Who runs the latest attempt, if that is known.
    std::optional<Time> lease_until;        ///< Without one the job is never stale.
    std::optional<Time> suspect_at;         ///< Since when somebody has found its lease run out.
    std::int64_t log_bytes = 0;
    std::int64_t rev = 0;  ///< +1 on every write but a heartbeat.
    bool held = false;     ///< Imported while queued: waits until retry lets it run here.
    /// Who submitted it here: only that account's workers run its command. Nothing: not known, as
    /// of imported jobs; anybody's do.
    std::optional<AccountId> account;

    friend bool operator==(const Job&, const Job&) = default;
};

/// How a command's result is found.
enum class ResultFrom { report, standard_output };

/// What it takes to run a job's command. Cold: read by claim only; never leaves through JSON.
struct CommandSpec {
    std::vector<std::string> argv;         ///< At least one; any bytes but NUL.
    std::string cwd;                       ///< Absolute.
    std::vector<std::string> environment;  ///< "NAME=value"
    unsigned umask = 022;
    ResultFrom result_from = ResultFrom::report;
    std::optional<std::int64_t> log_limit_bytes;
    bool keep_strays = false;
    std::optional<milliseconds> backoff;  ///< Before the second attempt; doubles from there.
    std::optional<std::string> input;     ///< Its standard input, any bytes; nothing: /dev/null.
    std::optional<std::string> on_end;    ///< For sh -c, once the job has ended.
    /// Where its output tells its progress: "auto", or an ECMAScript regular expression with one
    /// group (a percentage) or two (current and total).
    std::optional<std::string> progress_from;

    friend bool operator==(const CommandSpec&, const CommandSpec&) = default;
};

/// Who executes an attempt and how long its silence is believed.
struct AttemptOwner {
    std::optional<ProcessIdentity> supervisor;  ///< Nobody known: a job of `create`.
    std::optional<milliseconds> lease;          ///< Without one the attempt is never suspect.
    /// The supervisor spawns the command at once: until a process of it is noted it stands for it,
    /// so that nobody who finds it dead takes the attempt for one that never ran.
    bool starts_at_once = false;
};

/// A job to be recorded. `submit` checks it (limits.h) before anything is written.
struct NewJob {
    explicit NewJob(const JobId& id) : job_id(id) {}

    JobId job_id;  ///< Made by the caller, so that an unknown outcome can be resolved.
    std::string kind = "command";
    std::optional<std::string> name;
    std::optional<std::string> target;  ///< Compact JSON.
    std::string owner;
    std::vector<Label> labels;
    std::string queue = "default";
    int priority = 0;
    std::optional<Time> run_after;
    std::vector<JobId> after;
    std::optional<std::string> key;
    int max_attempts = 1;
    std::optional<milliseconds> timeout;
    std::optional<milliseconds> retention;
    std::optional<milliseconds>
        lease;  ///< For a job somebody else executes: its lease once started.
    std::optional<CommandSpec> command;    ///< Nothing: somebody else executes it.
    std::optional<AttemptOwner> start_as;  ///< Born running, its first attempt open.
};

/// What is to be changed of a queued job; the rest stays.
struct JobEdit {
    std::optional<int> priority;
    std::optional<std::string> queue;
    std::optional<Time> run_after;
};

/// One attempt of one job. What is given must match the row; otherwise the caller has lost it.
/// A supervisor gives the fence; a program inside the job knows the attempt; the executor of a
/// `create`d job may know neither.
struct AttemptKey {
    explicit AttemptKey(const JobId& id) : job_id(id) {}
    AttemptKey(const JobId& id, int n, std::int64_t f) : job_id(id), attempt(n), fence(f) {}

    JobId job_id;
    std::optional<int> attempt;
    std::optional<std::int64_t> fence;
};

/// What an executor says about a running attempt. What is not given stays as it was.
struct Report {
    std::optional<double> progress;  ///< 0.0-1.0
    std::optional<std::string> phase;
    std::optional<std::string> message;
    std::optional<std::int64_t> current;
    std::optional<std::int64_t> total;
    std::optional<std::string> result;  ///< Compact JSON: becomes the job's result if it ends done.
};

/// How an attempt ended.
struct Outcome {
    Status status = Status::done;  ///< done, error or cancelled.
    std::optional<Reason> reason;
    std::optional<std::string>
        result;  ///< Compact JSON; else what `report` left, if it ended done.
    std::optional<std::string> error;
    std::optional<std::string> error_code;
    std::optional<int> exit_code;
    std::optional<std::string> signal;
    std::int64_t log_bytes = 0;
    std::optional<ProcessIdentity> process;  ///< The command's, unless it was noted before.
};

/// One row of a job's history.
struct Event {
    std::int64_t seq = 0;  ///< The order of things in the whole ledger.
    std::string job_id;
    Time at;
    std::string type;  ///< A Verb, as a rule.
    std::optional<Status> from;
    Status to = Status::queued;
    std::string actor;
    std::optional<Reason> reason;

    friend bool operator==(const Event&, const Event&) = default;
};

/// What is left of a pruned job.
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
