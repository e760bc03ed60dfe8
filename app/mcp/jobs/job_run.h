#pragma once

#include "ledger/store.h"

#include <optional>
#include <vector>

namespace atlasjob::mcp {

/// A run of a job: from its submission, or from its n-th retry, to the end that follows.
struct JobRun {
    JobId job_id;
    int retries = 0;  ///< 0: the run that began with its submission.

    friend bool operator==(const JobRun&, const JobRun&) = default;
};

/// A job with what its history tells about its runs.
struct JobRuns {
    Job job;  ///< As it is now, in full detail.
    /// Its retries, the ends of its runs, and the waits that were cancelled (jobs::kWaitCancelled),
    /// oldest first.
    std::vector<Event> events;
    std::vector<Event> retries;

    int latest() const { return static_cast<int>(retries.size()); }
    /// When the run began: submitted or retried. There must be such a run.
    Time began_at(int run) const;
};

/// nullopt if the job does not exist or the principal may not see it.
std::optional<JobRuns> find_runs(Store& store, const JobId& id, const Principal& principal);

/// The number of the job's latest run.
int latest_run_of(Store& store, const JobId& id);

/// The job as that run left it; of the latest run, the job as it is now. What the ledger keeps of
/// an earlier run is in its events and attempts: progress, phase, message and times of later runs
/// are left out. The error of a run without an attempt is made from its reason: the text that was
/// given for cancelling a queued job is not kept. There must be such a run.
Job job_of_run(Store& store, const JobRuns& runs, int run);

/// The job as the run left it that ended with this event of its history. nullopt if the job does
/// not exist or the principal may not see it.
std::optional<Job> job_after(
    Store& store, const JobId& id, const Principal& principal, const Event& end);

/// The job as it was at that time of the run, before the run's end. While its status is still the
/// same: as it is now. Otherwise without what the history does not keep: progress, phase and
/// message.
Job job_at(Store& store, const JobRuns& runs, int run, Time at);

}  // namespace atlasjob::mcp
