#include "jobs/follow_up.h"

#include <exception>

namespace atlasjob::jobs {

void start_hooks(const Deps& deps) noexcept {
    try {
        start_owed_hooks(deps.store, deps.on_end);
    } catch (const std::exception&) {
        return;
    }
}

EnsuredWorker prepare_worker(
    const Deps& deps, const std::function<JobAttributes()>& attributes) noexcept {
    try {
        EnsuredWorker replaced = replace_restricted_worker(deps.store, deps.worker, attributes);
        replaced.served = true;
        return replaced;
    } catch (const std::exception&) {
        return {};
    }
}

EnsuredWorker ensure(const Deps& deps, const std::optional<std::string>& queue) noexcept {
    try {
        return ensure_worker(deps.store, deps.worker, queue);
    } catch (const std::exception&) {
        return {false};
    }
}

}  // namespace atlasjob::jobs
