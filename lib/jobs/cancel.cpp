#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

CancelResult cancel(const Deps& deps, const JobId& id, const CancelRequest& request) {
    const CancelResult result = deps.store.request_cancel(id, request);
    // A running job's supervisor starts what that one owes.
    if (result == CancelResult::cancelled) start_hooks(deps);
    return result;
}

void cancel_wait(const Deps& deps, const JobId& id, const std::string& wait) {
    deps.store.note_event(id, {std::string{kWaitCancelled}, deps.actor, {}, wait});
}

}  // namespace atlasjob::jobs
