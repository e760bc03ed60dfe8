#include "jobs/follow_up.h"
#include "jobs/jobs.h"

namespace atlasjob::jobs {

bool pause(const Deps& deps, const std::optional<std::string>& queue) {
    return deps.store.pause(queue, deps.actor);
}

Resumed resume(
    const Deps& deps,
    const std::optional<std::string>& queue,
    const std::function<void(bool changed)>& committed) {
    const bool changed = deps.store.resume(queue);
    if (committed) committed(changed);
    return {changed, ensure(deps, queue)};
}

}  // namespace atlasjob::jobs
