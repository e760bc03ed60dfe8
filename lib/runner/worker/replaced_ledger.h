#pragma once

#include "base/error.h"
#include "base/file_identity.h"
#include "ledger/store.h"
#include "runner/worker/ensure_worker.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace atlasjob {

/// The ledger that has replaced the one a worker serves, at the same path. If it is a restored
/// backup, this worker may still be registered in it. Not thread-safe.
class ReplacedLedger {
  public:
    /// Opens the ledger at the path for writing; never creates one.
    using Open = std::function<std::unique_ptr<Store>()>;

    /// The arguments must outlive this object. Without `open`, ensure_served() does nothing.
    ReplacedLedger(const PathIdentity& original, const OnDemandWorker& successor, const Open& open)
        : original_(original), successor_(successor), open_(open) {}

    /// If the ledger has been replaced, deregisters this process in the new one and then ensures
    /// that it has a worker. In this order, because a process that submits there either sees that
    /// this worker is gone, or its job is seen here. Handles each file once. Throws what `open`
    /// throws, for example while the file is still being copied.
    void ensure_served();

  private:
    const PathIdentity& original_;
    const OnDemandWorker& successor_;
    const Open& open_;
    std::optional<PathIdentity> handled_;
};

/// The Error of a worker that left because its ledger is no longer at its path.
Error replaced_error(const LedgerAddress& ledger);

}  // namespace atlasjob
