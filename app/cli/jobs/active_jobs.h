#pragma once

#include "cli/context.h"
#include "jobs/wait.h"

#include <map>
#include <vector>

namespace atlasjob::cli {

/// The queued and running jobs that a filter selects, also those submitted later. Sees to it that
/// they can end, as a wait for each of them would (jobs/wait.h).
class ActiveJobs {
  public:
    /// The arguments must outlive it; `filter` selects jobs of any status.
    ActiveJobs(const Context& context, Store& store, JobFilter filter);

    /// Looks at the jobs once. Returns whether any is active. Throws what the store throws.
    [[nodiscard]] bool poll();

  private:
    std::vector<JobId> list() const;

    const Context& context_;
    Store& store_;
    ListQuery query_;
    std::map<JobId, jobs::JobWatch> watches_;
};

}  // namespace atlasjob::cli
