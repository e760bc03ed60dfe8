#pragma once

#include "event/loop.h"
#include "ledger/store.h"

#include <memory>
#include <optional>

namespace atlasjob {

/// Calls back in the loop when the ledger has changed, at a limited rate. Every process's commits
/// count. If the system provides no watch it never calls, so callers must also poll. Belongs to the
/// loop's thread.
class ChangeListener {
  public:
    /// No other thread may be using the Store during construction.
    ChangeListener(Loop& loop, Store& store);
    ChangeListener(const ChangeListener&) = delete;
    ChangeListener& operator=(const ChangeListener&) = delete;

    /// Calls `changed` for changes since the last call or discard(): not before `delay`, then at
    /// intervals of at least `min_interval`. Replaces an earlier callback.
    void listen(milliseconds delay, milliseconds min_interval, std::function<void()> changed);
    void stop();
    /// Ignores the changes so far.
    void discard();

  private:
    void watch();
    void on_readable();

    Loop& loop_;
    milliseconds min_interval_{};
    std::function<void()> changed_;
    Timer pause_;
    std::unique_ptr<ChangeWatch> changes_;
    std::optional<FdWatch> readable_;
    int watched_ = -1;  ///< The descriptor of readable_.
};

}  // namespace atlasjob
