#pragma once

#include "ledger/job.h"

#include <functional>

namespace atlasjob {

/// The process of a command, on the machine of its supervisor.
struct AttemptProcess {
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< As in ProcessIdentity.

    friend bool operator==(const AttemptProcess&, const AttemptProcess&) = default;
};

/// One attempt of a job, as stored in the ledger.
struct AttemptRecord {
    int n = 1;               ///< From 1.
    std::int64_t fence = 0;  ///< Increases with every attempt.
    std::optional<ProcessIdentity> supervisor;
    std::optional<AttemptProcess> process;  ///< nullopt: the command was never spawned.
    Time started_at;
    std::optional<Time> ended_at;  ///< nullopt: the attempt is open.
    std::optional<int> exit_code;
    std::optional<std::string> signal;
    std::optional<std::string> outcome;  ///< done, error, cancelled or lost; nullopt while open.
    std::optional<Reason> reason;
    std::optional<std::string> error;       ///< One sentence; only of an ended attempt.
    std::optional<std::string> error_code;  ///< The same.
    std::optional<std::string> result;      ///< The JSON reported so far.
    std::optional<Usage> usage;             ///< Only of an ended attempt.

    friend bool operator==(const AttemptRecord&, const AttemptRecord&) = default;
};

/// A job with its attempts and events, as exported from one ledger and imported into another. State
/// that belongs to the ledger rather than the job (rev, lease_until, held) is not part of it.
struct JobRecord {
    explicit JobRecord(const JobId& id) : job(id) {}

    Job job;  ///< `seq` 0: the importing ledger picks a number.
    std::optional<milliseconds> lease;
    std::optional<milliseconds> cancel_grace;
    std::optional<std::string> cancel_text;
    /// Those of `job.after` that are known to be done, and those of `job.after_ended` that are
    /// known to have ended.
    std::vector<JobId> met;
    std::optional<CommandSpec> command;
    std::optional<CommandSpec> hook;  ///< As in NewJob.
    bool knows_environment = false;   ///< Whether `command` or `hook` includes its environment.
    std::optional<std::vector<AttemptRecord>> attempts;  ///< nullopt: unknown.
    std::optional<std::vector<Event>> events;            ///< nullopt: unknown.
};

/// Receives records one by one; returns false to stop.
using RecordSink = std::function<bool(const JobRecord&)>;
/// Supplies records one by one; returns nullopt after the last.
using RecordSource = std::function<std::optional<JobRecord>()>;

/// Fills in every field that can be derived, so that a minimal record (id, kind, status, owner and
/// created_at) becomes a complete one. Deterministic.
[[nodiscard]] JobRecord completed(JobRecord record);

/// Throws Error(invalid_argument) with the first contradiction in a completed record.
void check(const JobRecord& record);

/// The attempts and events to store for a completed record; derived from the job if the record has
/// none.
[[nodiscard]] std::vector<AttemptRecord> attempts_of(const JobRecord& record);
std::vector<Event> events_of(const JobRecord& record);

/// What the latest of the attempts that have ended used; nullopt if none has, or it is not known.
std::optional<Usage> latest_usage(const std::vector<AttemptRecord>& attempts);

/// Whether `stored` already has the content of `imported`. Ignores the numbers that a ledger
/// assigns (seq, rev) and whatever is unknown in `imported`.
[[nodiscard]] bool is_same_content(const JobRecord& imported, const JobRecord& stored);

}  // namespace atlasjob
