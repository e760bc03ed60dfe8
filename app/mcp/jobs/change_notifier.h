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

/// Has those who wait for something in the ledger look again whenever any process has changed it:
/// within some 20 ms of the commit, and once a second for writers who do not ring. While nobody is
/// registered it costs nothing and the loop is free to sleep. Belongs to the loop's thread.
class ChangeNotifier {
  public:
    /// Sees to the jobs that somebody watches: called once a second, from the loop. Must not throw.
    using Upkeep = std::function<void(const std::set<JobId>& watched)>;

    /// `loop` and `ledger` must outlive it.
    ChangeNotifier(Loop& loop, StoreHandle& ledger, Upkeep upkeep);

    /// Ends with its life; must not outlive the watch.
    class Registration {
      public:
        Registration(ChangeNotifier& watch, std::uint64_t id) : watch_(&watch), id_(id) {}
        Registration(Registration&& other) noexcept
            : watch_(std::exchange(other.watch_, nullptr)), id_(other.id_) {}
        Registration& operator=(Registration&&) = delete;
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;
        ~Registration() {
            if (watch_ != nullptr) watch_->forget(id_);
        }

      private:
        ChangeNotifier* watch_;
        std::uint64_t id_;
    };

    /// `look` is called from the loop, not at once; it may end any registration, its own too.
    /// `job`: the one that it looks at, if it is one.
    [[nodiscard]] Registration subscribe(
        std::function<void()> look, const std::optional<JobId>& job = std::nullopt);

  private:
    struct Subscriber {
        std::function<void()> look;
        std::optional<JobId> job;
    };

    void listen();
    void tick();
    void look();
    void see_to_jobs();
    void forget(std::uint64_t id);

    Loop& loop_;
    StoreHandle& ledger_;
    Upkeep upkeep_;
    std::map<std::uint64_t, Subscriber> attendants_;
    std::uint64_t last_id_ = 0;
    Timer tick_;
    std::optional<ChangeListener> listener_;  ///< Nothing until the ledger could be opened.
};

}  // namespace atlasjob::mcp
