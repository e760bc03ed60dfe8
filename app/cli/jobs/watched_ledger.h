#pragma once

#include "cli/context.h"
#include "runner/worker/replaced_ledger.h"

#include <functional>
#include <optional>
#include <type_traits>

namespace atlasjob::cli {

/// A ledger that is watched for long, and that may be moved, removed or replaced meanwhile. (A
/// store that is open for reading goes on with the file that is at its path.)
class WatchedLedger {
  public:
    explicit WatchedLedger(const Context& context);

    /// Calls `look`, which reads the ledger, and returns what it returns. While no whole ledger is
    /// at the path, as in the middle of a restore, it is tried again for some seconds; then throws
    /// unavailable, or what `look` threw last where there is a file. Other Errors come through.
    template <class Look>
    auto read(const Look& look) const {
        std::optional<std::invoke_result_t<const Look&>> found;
        try_until_there([&] { found.emplace(look()); });
        return std::move(*found);
    }

    /// Whether another file is at the path than when this was last asked.
    bool is_replaced();

  private:
    void try_until_there(const std::function<void()>& look) const;

    std::string path_;
    PathIdentity file_;
};

}  // namespace atlasjob::cli
