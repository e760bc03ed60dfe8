#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

CancelResult cancel(const Deps& deps, const JobId& id, const CancelRequest& request) {
    const CancelResult result = deps.store.request_cancel(id, request);
    // A running job's supervisor starts what that one owes.
    if (result == CancelResult::cancelled) start_hooks(deps);
    return result;
}

}  // namespace atlasjob::jobs
