#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/file_identity.h"
#include "ledger/store.h"
#include "runner/worker/ensure_worker.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace atlasjob {

/// What has come to the path of a ledger that we were the worker of: a backup that was put back
/// says that we are its worker, too. Belongs to one thread.
class ReplacedLedger {
  public:
    /// Opens what is at the path now, to write to it; makes none.
    using Open = std::function<std::unique_ptr<Store>()>;

    /// All must outlive it. Without `open` such a ledger is left to itself.
    ReplacedLedger(const PathIdentity& ours, const OnDemandWorker& successor, const Open& open)
        : ours_(ours), successor_(successor), open_(open) {}

    /// Takes out of it what it says of us, and then sees to it that it has a worker: whoever
    /// submits there has either found us struck out, or is found by us. Does nothing for a file
    /// that was seen to before. Throws what opening it throws; it may not be whole yet.
    void see_to(const Clock& clock);

  private:
    const PathIdentity& ours_;
    const OnDemandWorker& successor_;
    const Open& open_;
    std::optional<PathIdentity> seen_to_;
};

/// Why a worker has left whose ledger is not at this path any more.
Error replaced_error(const std::string& ledger);

}  // namespace atlasjob
