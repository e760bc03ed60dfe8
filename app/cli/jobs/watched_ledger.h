#pragma once

#include "base/error.h"
#include "cli/context.h"
#include "runner/worker/replaced_ledger.h"

#include <functional>
#include <optional>
#include <type_traits>

namespace atlasjob::cli {

/// A ledger that is watched for a long time and may be moved, removed or replaced meanwhile. (A
/// store open for reading switches to a new file at its path by itself.)
class WatchedLedger {
  public:
    explicit WatchedLedger(const Context& context);

    /// Calls `read_once`, which reads the ledger, and returns its result. While there is no
    /// complete ledger at the path, as during a restore, retries for a few seconds; then throws
    /// unavailable, or the last error of `read_once` if there is a file. Other Errors are passed
    /// on.
    template <class ReadOnce>
    auto read(const ReadOnce& read_once) const {
        std::optional<std::invoke_result_t<const ReadOnce&>> result;
        retry_while_absent([&] { result.emplace(read_once()); });
        return std::move(*result);
    }

    /// Whether the file at the path has changed since the last call.
    bool is_replaced();

  private:
    void retry_while_absent(const std::function<void()>& read) const;
    bool may_reappear(const Error& error) const;

    std::string path_;
    PathIdentity file_;
};

}  // namespace atlasjob::cli
