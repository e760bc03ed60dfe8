#pragma once

#include "mcp/jobs/change_notifier.h"

namespace atlasjob::mcp {

/// A client's subscription to a resource, a list or a task. Changes close together cause one
/// notification. Used from the loop's thread only.
class Subscription {
  public:
    /// A short text that changes whenever the subject does; nullopt if it does not exist. Throws
    /// Error if the ledger cannot be read.
    using Version = std::function<std::optional<std::string>()>;

    /// Starts with the current version; throws what `version` throws. `job`: the job it is about,
    /// if any. `changed` must not destroy this object. `notifier` must outlive it.
    Subscription(
        ChangeNotifier& notifier,
        const std::optional<JobId>& job,
        Version version,
        std::function<void()> changed);
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

  private:
    void check();

    Version version_;
    std::function<void()> changed_;
    std::optional<std::string> last_;
    ChangeNotifier::Registration registration_;
};

}  // namespace atlasjob::mcp
