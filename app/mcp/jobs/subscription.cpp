#include "mcp/jobs/subscription.h"

namespace atlasjob::mcp {

Subscription::Subscription(
    ChangeNotifier& watch,
    const std::optional<JobId>& job,
    Version version,
    std::function<void()> changed)
    : version_(std::move(version)),
      changed_(std::move(changed)),
      last_(version_()),
      registration_(watch.subscribe([this] { look(); }, job)) {}

void Subscription::look() {
    std::optional<std::string> now;
    try {
        now = version_();
    } catch (const Error&) {
        // An outage is no change; the next look tells what has become of it.
        return;
    }
    if (now == last_) return;
    last_ = std::move(now);
    changed_();
}

}  // namespace atlasjob::mcp
