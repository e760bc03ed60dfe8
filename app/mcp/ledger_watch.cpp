#include "mcp/ledger_watch.h"

#include <utility>
#include <vector>

namespace atlasjob::mcp {

namespace {

/// Commits that follow one another closer are told once.
constexpr milliseconds kRest{20};
constexpr milliseconds kSlowLook{1000};

}  // namespace

LedgerWatch::LedgerWatch(Loop& loop, LedgerAccess& ledger)
    : loop_(loop), ledger_(ledger), tick_(loop, [this] { tick(); }) {}

LedgerWatch::Registration LedgerWatch::attend(std::function<void()> look) {
    if (looks_.empty()) {
        tick_.start(kSlowLook, kSlowLook);
        listen();
    }
    looks_.emplace(++last_id_, std::move(look));
    return {*this, last_id_};
}

void LedgerWatch::listen() {
    try {
        if (!listener_) ledger_.read([&](Store& store) { listener_.emplace(loop_, store); });
    } catch (const Error&) {
        // No ledger yet, or none that can be read: the slow look tries again.
        return;
    }
    listener_->listen(milliseconds{0}, kRest, [this] { look(); });
}

void LedgerWatch::tick() {
    if (!listener_) listen();
    look();
}

void LedgerWatch::look() {
    std::vector<std::uint64_t> ids;
    for (const auto& entry : looks_)
        ids.push_back(entry.first);
    for (const std::uint64_t id : ids) {
        const auto found = looks_.find(id);
        if (found == looks_.end()) continue;
        // Copied: it may end its own registration.
        const auto look = found->second;
        look();
    }
}

void LedgerWatch::forget(std::uint64_t id) {
    looks_.erase(id);
    if (!looks_.empty()) return;
    tick_.stop();
    if (listener_) listener_->stop();
}

}  // namespace atlasjob::mcp
