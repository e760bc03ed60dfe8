#pragma once

#include "event/loop.h"
#include "mcp/jobs/store_handle.h"
#include "runner/async/change_listener.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace atlasjob::mcp {

/// Calls its subscribers whenever any process has changed the ledger: within about 20 ms of the
/// commit, and once a second in case a writer did not notify. Without subscribers it costs nothing
/// and lets the loop sleep. Used from the loop's thread only.
class ChangeNotifier {
  public:
    /// Called once a second from the loop with the jobs that subscribers watch. Must not throw.
    using Upkeep = std::function<void(const std::set<JobId>& watched)>;

    /// `loop` and `ledger` must outlive it.
    ChangeNotifier(Loop& loop, StoreHandle& ledger, Upkeep upkeep);

    /// Unsubscribes when destroyed; must not outlive the notifier.
    class Registration {
      public:
        Registration(ChangeNotifier& notifier, std::uint64_t id) : notifier_(&notifier), id_(id) {}
        Registration(Registration&& other) noexcept
            : notifier_(std::exchange(other.notifier_, nullptr)), id_(other.id_) {}
        Registration& operator=(Registration&&) = delete;
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;
        ~Registration() {
            if (notifier_ != nullptr) notifier_->unsubscribe(id_);
        }

      private:
        ChangeNotifier* notifier_;
        std::uint64_t id_;
    };

    /// `on_change` is called from the loop, never from here; it may end any registration, including
    /// its own. `job`: the job it watches, if it watches a single one.
    [[nodiscard]] Registration subscribe(
        std::function<void()> on_change, const std::optional<JobId>& job = std::nullopt);

  private:
    struct Subscriber {
        std::function<void()> on_change;
        std::optional<JobId> job;
    };

    void start_listening();
    void tick();
    void notify_subscribers();
    void run_upkeep();
    void unsubscribe(std::uint64_t id);

    Loop& loop_;
    StoreHandle& ledger_;
    Upkeep upkeep_;
    std::map<std::uint64_t, Subscriber> subscribers_;
    std::uint64_t last_id_ = 0;
    Timer tick_;
    std::optional<ChangeListener> listener_;  ///< nullopt until the ledger could be opened.
};

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
