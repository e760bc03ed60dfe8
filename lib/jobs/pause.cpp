#include "jobs/jobs.h"

namespace atlasjob::jobs {

bool pause(const Deps& deps, const std::optional<std::string>& queue) {
    return deps.store.pause(queue, deps.actor, deps.clock.now());
}

Resumed resume(const Deps& deps, const std::optional<std::string>& queue) {
    Resumed resumed{deps.store.resume(queue)};
    resumed.worker = ensure_worker(deps.store, deps.clock, deps.worker, queue);
    return resumed;
}

}  // namespace atlasjob::jobs
