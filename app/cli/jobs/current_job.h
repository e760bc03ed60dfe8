#pragma once

#include "cli/context.h"

namespace atlasjob::cli {

/// The job that a program which calls start, report or finish speaks of.
class CurrentJob {
  public:
    /// `words` is empty or one JOB. Without one it is the job this process runs in. Throws
    /// invalid_argument when there is neither. Touches no ledger.
    explicit CurrentJob(const std::vector<std::string>& words);

    const std::string& job() const { return job_; }
    /// Whether the job is the one this process runs in, as far as its name tells.
    bool inside() const { return inside_; }
    /// What to give as proof of the attempt: its number when this process runs inside it.
    AttemptKey key(const JobId& id) const;

  private:
    std::string job_;
    bool inside_ = false;
};

/// Told when the attempt a caller spoke for is not, or no longer, the job's open one. Throws
/// refused, with what the job is now.
[[noreturn]] void refuse_lost_attempt(const Context& context, Store& store, const Job& job);

}  // namespace atlasjob::cli
