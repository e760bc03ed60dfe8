#include "mcp/followed.h"

namespace atlasjob::mcp {

Followed::Followed(
    LedgerWatch& watch,
    const std::optional<JobId>& job,
    Version version,
    std::function<void()> changed)
    : version_(std::move(version)),
      changed_(std::move(changed)),
      last_(version_()),
      registration_(watch.attend([this] { look(); }, job)) {}

void Followed::look() {
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
