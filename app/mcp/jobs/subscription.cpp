#include "mcp/jobs/subscription.h"

namespace atlasjob::mcp {

Subscription::Subscription(
    ChangeNotifier& notifier,
    const std::optional<JobId>& job,
    Version version,
    std::function<void()> changed)
    : version_(std::move(version)),
      changed_(std::move(changed)),
      last_(version_()),
      registration_(notifier.subscribe([this] { check(); }, job)) {}

void Subscription::check() {
    std::optional<std::string> now;
    try {
        now = version_();
    } catch (const Error&) {
        // An outage is not a change; the next check catches up.
        return;
    }
    if (now == last_) return;
    last_ = std::move(now);
    changed_();
}

}  // namespace atlasjob::mcp
