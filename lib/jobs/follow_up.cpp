#include "jobs/follow_up.h"

#include "runner/worker/restricted_worker.h"

#include <exception>

namespace atlasjob::jobs {

void start_hooks(const Deps& deps) noexcept {
    try {
        start_owed_hooks(deps.store, deps.on_end);
    } catch (const std::exception&) {
        return;
    }
}

void prepare_worker(const Deps& deps) noexcept {
    try {
        replace_restricted_worker(deps.store, deps.worker);
    } catch (const std::exception&) {
        return;
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
