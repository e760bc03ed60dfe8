#pragma once

#include "base/error.h"
#include "base/file_identity.h"
#include "ledger/address.h"

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace atlasjob::jobs {

/// A ledger that is watched for a long time and may be moved, removed or replaced meanwhile. (A
/// store open for reading switches to a new file at its path by itself.) For callers that may
/// block.
class WatchedLedger {
  public:
    explicit WatchedLedger(LedgerAddress address);

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
    [[nodiscard]] bool is_replaced();

  private:
    void retry_while_absent(const std::function<void()>& read) const;
    bool may_reappear(const Error& error) const;

    LedgerAddress address_;
    PathIdentity file_;
};

}  // namespace atlasjob::jobs
