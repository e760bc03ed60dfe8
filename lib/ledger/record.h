#pragma once

#include "ledger/job.h"

#include <functional>

namespace atlasjob {

/// A command's process, where its supervisor lives.
struct AttemptProcess {
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;  ///< As in ProcessIdentity.

    friend bool operator==(const AttemptProcess&, const AttemptProcess&) = default;
};

/// One try at a job, as the ledger keeps it.
struct AttemptRecord {
    int n = 1;               ///< From 1.
    std::int64_t fence = 0;  ///< Grows from attempt to attempt.
    std::optional<ProcessIdentity> supervisor;
    std::optional<AttemptProcess> process;  ///< Nothing: never spawned.
    Time started_at;
    std::optional<Time> ended_at;  ///< Nothing: it is open.
    std::optional<int> exit_code;
    std::optional<std::string> signal;
    std::optional<std::string> outcome;  ///< done, error, cancelled or lost, once it has ended.
    std::optional<Reason> reason;
    std::optional<std::string> result;  ///< JSON reported so far.

    friend bool operator==(const AttemptRecord&, const AttemptRecord&) = default;
};

/// A job with all that hangs on it: what is carried from one ledger to another. What the ledger it
/// is in makes of it alone (rev, lease, whether it is held) is not part of it.
struct JobRecord {
    explicit JobRecord(const JobId& id) : job(id) {}

    Job job;  ///< `seq` 0: any number will do.
    std::optional<milliseconds> lease;
    std::optional<milliseconds> cancel_grace;
    std::optional<std::string> cancel_text;
    std::vector<JobId> met;  ///< Those of `job.after` that are known to have ended done.
    std::optional<CommandSpec> command;
    bool knows_environment = false;                      ///< Whether `command` has its environment.
    std::optional<std::vector<AttemptRecord>> attempts;  ///< Nothing: not known.
    std::optional<std::vector<Event>> events;            ///< Nothing: not known.
};

/// Takes records one after the other; false: it wants no more.
using RecordSink = std::function<bool(const JobRecord&)>;
/// Gives records one after the other; nothing: that was the last.
using RecordSource = std::function<std::optional<JobRecord>()>;

/// The record with everything filled in that follows from the rest: a minimal one (id, kind,
/// status, owner and when it was created) becomes a whole one. The same record becomes the same.
JobRecord completed(JobRecord record);

/// Throws Error(invalid_argument) that says what cannot be so in a completed record.
void check(const JobRecord& record);

/// The attempts and the history that a ledger keeps of a completed record; where it tells none,
/// what follows from the job itself.
std::vector<AttemptRecord> attempts_of(const JobRecord& record);
std::vector<Event> events_of(const JobRecord& record);

/// Whether `given` tells nothing but what `present` holds. Numbers that a ledger gives (seq, rev)
/// do not count, and neither do parts that `given` does not know.
bool is_same_content(const JobRecord& given, const JobRecord& present);

}  // namespace atlasjob
