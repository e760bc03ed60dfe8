#pragma once

#include "base/file.h"

#include <string>

namespace atlasjob {

/// The directory of a ledger's output, for whoever writes there for long: it may be moved
/// meanwhile, alone or with the ledger. Not thread-safe.
class LogRoot {
  public:
    /// Touches nothing.
    explicit LogRoot(std::string path) : path_(std::move(path)) {}

    /// Where it is now. From the first call on which it is there it is followed wherever it goes;
    /// before, it is where it was said to be.
    const std::string& path();
    /// Whether it has been there and is nowhere any more: nothing is to be made in its place.
    bool is_gone();

  private:
    bool is_named() const;
    void follow();

    std::string path_;
    UniqueFd fd_;
};

}  // namespace atlasjob
