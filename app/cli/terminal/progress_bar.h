#pragma once

#include "base/time.h"

#include <csignal>
#include <string>
#include <string_view>

namespace atlasjob::cli {

class Context;

/// Work that may take a while. Shows how far it is on stderr, if that is a terminal and --quiet was
/// not given.
class ProgressBar {
  public:
    enum class Stop {
        at_once,  ///< By INT, TERM and HUP as ever.
        undoing,  ///< They wait for the next call of `at`, and are delivered when this object goes.
    };

    /// `what` is being done: "copying".
    ProgressBar(const Context& context, std::string what, Stop stop);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar();

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

/// The exit status of a command that Ctrl-C has ended.
inline constexpr int kInterrupted = 130;

/// While it lives, INT ends this process at once with kInterrupted: for commands that only look,
/// whatever they are waiting for, a full pipe included. What `farewell` (at most 1 KiB) holds is
/// written to stderr then. An INT that is ignored stays ignored. One at a time.
class SigintGuard {
  public:
    explicit SigintGuard(std::string_view farewell = {});
    SigintGuard(const SigintGuard&) = delete;
    SigintGuard& operator=(const SigintGuard&) = delete;
    ~SigintGuard();
};

}  // namespace atlasjob::cli
