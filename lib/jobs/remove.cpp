#include "jobs/jobs.h"

namespace atlasjob::jobs {

PrunedJob remove(const Deps& deps, const JobId& id) {
    const PrunedJob removed = deps.store.remove(id);
    // The row goes first: a job that exists never lacks its output.
    deps.logs.remove({&removed, 1});
    return removed;
}

}  // namespace atlasjob::jobs
