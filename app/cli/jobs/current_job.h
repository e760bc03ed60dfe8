#pragma once

#include "cli/context.h"

namespace atlasjob::cli {

/// The job that a call of start, report or finish refers to.
class CurrentJob {
  public:
    /// `words` is empty or holds one JOB. If empty, the job is the one this process runs in. Throws
    /// invalid_argument if there is neither. Does not access the ledger.
    explicit CurrentJob(const std::vector<std::string>& words);

    const std::string& job() const { return job_; }
    /// Whether JOB is literally the job_id of the job this process runs in.
    bool inside() const { return inside_; }
    /// The key for the store; includes the attempt number if this process runs inside the job.
    AttemptKey key(const JobId& id) const;

  private:
    std::string job_;
    bool inside_ = false;
};

/// Throws refused with the job's current state, because the caller's attempt is not, or no longer,
/// the open one.
[[noreturn]] void refuse_lost_attempt(const Context& context, Store& store, const Job& job);

}  // namespace atlasjob::cli
