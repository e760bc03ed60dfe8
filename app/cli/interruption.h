#pragma once

#include <string_view>

namespace atlasjob::cli {

/// The exit status of a command that Ctrl-C has ended.
inline constexpr int kInterrupted = 130;

/// While it lives, INT ends this process at once with kInterrupted: for commands that only look,
/// whatever they are waiting for, a full pipe included. What `farewell` (at most 1 KiB) holds is
/// written to stderr then. An INT that is ignored stays ignored. One at a time.
class Interruption {
  public:
    explicit Interruption(std::string_view farewell = {});
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption();
};

}  // namespace atlasjob::cli
