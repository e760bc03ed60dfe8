#pragma once

#include "base/time.h"

#include <csignal>
#include <string>

namespace atlasjob::cli {

class Context;

/// Work that may take a while. Shows how far it is on stderr, if that is a terminal and --quiet was
/// not given.
class LongWork {
  public:
    enum class Stop {
        at_once,  ///< By INT, TERM and HUP as ever.
        undoing,  ///< They wait for the next call of `at`, and are delivered when this object goes.
    };

    /// `what` is being done: "copying".
    LongWork(const Context& context, std::string what, Stop stop);
    LongWork(const LongWork&) = delete;
    LongWork& operator=(const LongWork&) = delete;
    ~LongWork();

    /// So much of `total` is done; 0: nobody knows how much there is. Throws Error(unavailable)
    /// when a signal that was kept waiting wants an end: it comes once all is undone.
    void at(std::int64_t done, std::int64_t total);

  private:
    void draw(std::int64_t done, std::int64_t total);

    const Context& context_;
    std::string what_;
    bool visible_;
    bool drawn_ = false;
    Time next_look_;
    sigset_t mask_before_{};
};

}  // namespace atlasjob::cli
