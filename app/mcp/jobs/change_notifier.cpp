#include "mcp/jobs/change_notifier.h"

#include "jobs/wait.h"

#include <utility>
#include <vector>

namespace atlasjob::mcp {

namespace {

/// Commits closer together than this cause one notification.
constexpr milliseconds kMinInterval{20};

}  // namespace

ChangeNotifier::ChangeNotifier(Loop& loop, StoreHandle& ledger, Upkeep upkeep)
    : loop_(loop), ledger_(ledger), upkeep_(std::move(upkeep)), tick_(loop, [this] { tick(); }) {}

ChangeNotifier::Registration ChangeNotifier::subscribe(
    std::function<void()> on_change, const std::optional<JobId>& job) {
    if (subscribers_.empty()) {
        tick_.start(jobs::kPollInterval, jobs::kPollInterval);
        start_listening();
    }
    subscribers_.emplace(++last_id_, Subscriber{std::move(on_change), job});
    return {*this, last_id_};
}

void ChangeNotifier::start_listening() {
    try {
        if (!listener_) ledger_.read([&](Store& store) { listener_.emplace(loop_, store); });
    } catch (const Error&) {
        // No ledger yet, or an unreadable one: the next poll tries again.
        return;
    }
    listener_->listen(milliseconds{0}, kMinInterval, [this] { notify_subscribers(); });
}

void ChangeNotifier::tick() {
    if (!listener_) start_listening();
    // The ledger, and its .bell file with it, may have been replaced.
    if (listener_) listener_->discard();
    notify_subscribers();
    run_upkeep();
}

void ChangeNotifier::run_upkeep() {
    std::set<JobId> watched;
    for (const auto& entry : subscribers_)
        if (entry.second.job) watched.insert(*entry.second.job);
    if (!watched.empty()) upkeep_(watched);
}

void ChangeNotifier::notify_subscribers() {
    std::vector<std::uint64_t> ids;
    for (const auto& entry : subscribers_)
        ids.push_back(entry.first);
    for (const std::uint64_t id : ids) {
        const auto found = subscribers_.find(id);
        if (found == subscribers_.end()) continue;
        // Copied: the callback may end its own registration.
        const auto on_change = found->second.on_change;
        on_change();
    }
}

void ChangeNotifier::unsubscribe(std::uint64_t id) {
    subscribers_.erase(id);
    if (!subscribers_.empty()) return;
    tick_.stop();
    if (listener_) listener_->stop();
}

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
