#pragma once

#include "mcp/jobs/change_notifier.h"

namespace atlasjob::mcp {

/// Something in the ledger of which a client wants to hear when it changes: a resource, a list, a
/// task. Changes that come close together are told once. Belongs to the loop's thread.
class Subscription {
  public:
    /// A short text that differs whenever the thing does; nothing: it is not there. Throws Error
    /// when the ledger cannot be read.
    using Version = std::function<std::optional<std::string>()>;

    /// Follows from now on; throws what `version` throws. `job`: the one whose it is, if it is
    /// one's. `changed` must not end this object's life. `watch` must outlive it.
    Subscription(
        ChangeNotifier& watch,
        const std::optional<JobId>& job,
        Version version,
        std::function<void()> changed);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

  private:
    void look();

    Version version_;
    std::function<void()> changed_;
    std::optional<std::string> last_;
    ChangeNotifier::Registration registration_;
};

}  // namespace atlasjob::mcp
