#include "mcp/jobs/change_notifier.h"

#include <utility>
#include <vector>

namespace atlasjob::mcp {

namespace {

/// Commits that follow one another closer are told once.
constexpr milliseconds kRest{20};
constexpr milliseconds kSlowLook{1000};

}  // namespace

ChangeNotifier::ChangeNotifier(Loop& loop, StoreHandle& ledger, Upkeep upkeep)
    : loop_(loop), ledger_(ledger), upkeep_(std::move(upkeep)), tick_(loop, [this] { tick(); }) {}

ChangeNotifier::Registration ChangeNotifier::subscribe(
    std::function<void()> look, const std::optional<JobId>& job) {
    if (attendants_.empty()) {
        tick_.start(kSlowLook, kSlowLook);
        listen();
    }
    attendants_.emplace(++last_id_, Subscriber{std::move(look), job});
    return {*this, last_id_};
}

void ChangeNotifier::listen() {
    try {
        if (!listener_) ledger_.read([&](Store& store) { listener_.emplace(loop_, store); });
    } catch (const Error&) {
        // No ledger yet, or none that can be read: the slow look tries again.
        return;
    }
    listener_->listen(milliseconds{0}, kRest, [this] { look(); });
}

void ChangeNotifier::tick() {
    if (!listener_) listen();
    // The bell may be another file now, of a ledger that was put there.
    if (listener_) listener_->discard();
    look();
    see_to_jobs();
}

void ChangeNotifier::see_to_jobs() {
    std::set<JobId> watched;
    for (const auto& entry : attendants_)
        if (entry.second.job) watched.insert(*entry.second.job);
    if (!watched.empty()) upkeep_(watched);
}

void ChangeNotifier::look() {
    std::vector<std::uint64_t> ids;
    for (const auto& entry : attendants_)
        ids.push_back(entry.first);
    for (const std::uint64_t id : ids) {
        const auto found = attendants_.find(id);
        if (found == attendants_.end()) continue;
        // Copied: it may end its own registration.
        const auto look = found->second.look;
        look();
    }
}

void ChangeNotifier::forget(std::uint64_t id) {
    attendants_.erase(id);
    if (!attendants_.empty()) return;
    tick_.stop();
    if (listener_) listener_->stop();
}

}  // namespace atlasjob::mcp
