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
    : loop_(loop), pause_(loop, [this] { on_readable(); }), changes_(watch_changes(store)) {}

void ChangeListener::listen(
    milliseconds delay, milliseconds min_interval, std::function<void()> changed) {
    stop();
    min_interval_ = min_interval;
    changed_ = std::move(changed);
    if (delay > milliseconds{0}) {
        pause_.start(delay);
    } else {
        watch();
    }
}

void ChangeListener::stop() {
    pause_.stop();
    if (readable_) readable_->pause();
}

void ChangeListener::discard() {
    if (changes_) changes_->wait(milliseconds{0});
}

/// A paused watch costs nothing, and notifications that arrive meanwhile are kept.
void ChangeListener::watch() {
    if (!changes_ || changes_->fd() < 0) return;
    if (readable_ && watched_ == changes_->fd()) {
        readable_->resume();
        return;
    }
    watched_ = changes_->fd();
    readable_.emplace(loop_, watched_, FdWatch::Ready::readable, [this] { on_readable(); });
}

void ChangeListener::on_readable() {
    if (!changes_) return;
    if (!changes_->wait(milliseconds{0})) {
        watch();
        return;
    }
    if (readable_) readable_->pause();
    pause_.start(min_interval_);
    // Copied: it may call listen(), which replaces changed_.
    const auto changed = changed_;
    changed();
}

}  // namespace atlasjob
