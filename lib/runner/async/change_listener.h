#pragma once

#include "event/loop.h"
#include "ledger/store.h"

#include <memory>
#include <optional>

namespace atlasjob {

/// Tells in the loop that the ledger has changed, and not more often than it is wanted: others'
/// commits are told too. Deaf where no watch can be had; looking now and then makes up for that.
/// Belongs to the loop's thread.
class ChangeListener {
  public:
    /// The Store must not be in use by another thread at the moment.
    ChangeListener(Loop& loop, Store& store);
    ChangeListener(const ChangeListener&) = delete;
    ChangeListener& operator=(const ChangeListener&) = delete;

    /// Calls `changed` for changes since the last call, or since forget(): `first` from now at the
    /// earliest, and again no sooner than `rest` after the call before. Replaces what was there.
    void listen(milliseconds first, milliseconds rest, std::function<void()> changed);
    void stop();
    /// What has changed so far is known.
    void forget();

  private:
    void await();
    void hear();

    Loop& loop_;
    milliseconds rest_{};
    std::function<void()> changed_;
    Timer resting_;
    std::unique_ptr<ChangeWatch> changes_;
    std::optional<FdWatch> readable_;
    int watched_ = -1;  ///< The descriptor of readable_.
};

}  // namespace atlasjob
