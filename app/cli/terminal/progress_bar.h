#pragma once

#include "base/time.h"

#include <csignal>
#include <string>
#include <string_view>

namespace atlasjob::cli {

class Context;

/// Shows the progress of long work on stderr, if that is a terminal and --quiet is not given.
class ProgressBar {
  public:
    enum class Stop {
        at_once,  ///< INT, TERM and HUP act as usual.
        undoing,  ///< They are blocked: `at` throws, and the destructor delivers them.
    };

    /// `what` is the label of the bar: "copying".
    ProgressBar(const Context& context, std::string what, Stop stop);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar();

    /// Reports progress; `total` is 0 if unknown. Throws Error(unavailable) if a blocked signal is
    /// pending, so that the caller undoes the work before the signal takes effect.
    void at(std::int64_t done, std::int64_t total);

  private:
    void draw(std::int64_t done, std::int64_t total);

    const Context& context_;
    std::string what_;
    bool visible_;
    bool drawn_ = false;
    Time next_draw_;
    sigset_t mask_before_{};
};

/// The exit status after Ctrl-C.
inline constexpr int kInterrupted = 130;

/// While it exists, INT makes the process exit at once with kInterrupted, after writing `message`
/// (at most 1 KiB) to stderr. For commands that only read, because it works even if they are
/// blocked on a full pipe. An ignored INT stays ignored. At most one object may exist.
class SigintGuard {
  public:
    explicit SigintGuard(std::string_view message = {});
    SigintGuard(const SigintGuard&) = delete;
    SigintGuard& operator=(const SigintGuard&) = delete;
    ~SigintGuard();
};

}  // namespace atlasjob::cli
