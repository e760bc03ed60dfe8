#pragma once

#include "base/process_identity.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// An account of the operating system, by its number (uid).
using AccountId = std::int64_t;

/// A worker that is to be entered in the ledger.
struct NewWorker {
    ProcessIdentity process;
    std::vector<std::string> queues;  ///< Empty: every queue.
    int slots = 1;                    ///< Jobs it runs at a time.
    /// Whose jobs it runs, besides those that were recorded without an account; nothing: anybody's.
    std::optional<AccountId> account = std::nullopt;
};

/// A worker as the ledger knows it. Whether it lives is judged by policy.h.
struct Worker {
    std::int64_t id = 0;
    NewWorker is;
    bool draining = false;  ///< Takes no more work.
    Time started_at;
    Time heartbeat_at;

    bool serves(const std::string& queue) const;
    /// Whether it may run a job of that account (Job::account).
    bool runs_for(const std::optional<AccountId>& account) const;
};

}  // namespace atlasjob
