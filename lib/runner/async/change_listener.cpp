#include "runner/async/change_listener.h"

#include "base/error.h"

#include <utility>

namespace atlasjob {

namespace {

std::unique_ptr<ChangeWatch> watch_changes(Store& store) {
    try {
        return store.watch_changes();
    } catch (const Error&) {
        return nullptr;
    }
}

}  // namespace

ChangeListener::ChangeListener(Loop& loop, Store& store)
    : loop_(loop), resting_(loop, [this] { hear(); }), changes_(watch_changes(store)) {}

void ChangeListener::listen(milliseconds first, milliseconds rest, std::function<void()> changed) {
    stop();
    rest_ = rest;
    changed_ = std::move(changed);
    if (first > milliseconds{0}) {
        resting_.start(first);
    } else {
        await();
    }
}

void ChangeListener::stop() {
    resting_.stop();
    if (readable_) readable_->pause();
}

void ChangeListener::forget() {
    if (changes_) changes_->wait(milliseconds{0});
}

/// A watch that rests costs nothing: what piles up meanwhile is still there afterwards.
void ChangeListener::await() {
    if (!changes_ || changes_->fd() < 0) return;
    if (readable_ && watched_ == changes_->fd()) {
        readable_->resume();
        return;
    }
    watched_ = changes_->fd();
    readable_.emplace(loop_, watched_, FdWatch::Ready::readable, [this] { hear(); });
}

void ChangeListener::hear() {
    if (!changes_) return;
    if (!changes_->wait(milliseconds{0})) {
        await();
        return;
    }
    if (readable_) readable_->pause();
    resting_.start(rest_);
    // Copied: it may listen for something else from now on.
    const auto changed = changed_;
    changed();
}

}  // namespace atlasjob
