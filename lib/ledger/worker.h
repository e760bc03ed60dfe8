#pragma once

#include "base/process_identity.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// An operating system account, by its uid.
using AccountId = std::int64_t;

/// A worker to be registered in the ledger.
struct NewWorker {
    ProcessIdentity process;
    std::vector<std::string> queues;  ///< Empty: every queue.
    int slots = 1;                    ///< Number of jobs it runs at a time.
    /// Whose jobs it runs, besides those without an account; nullopt: any account's.
    std::optional<AccountId> account = std::nullopt;
    /// The systemd unit it lives in, as process/unit.h writes it; empty: none, or unknown.
    std::string unit = {};
};

/// A registered worker. is_alive (policy.h) judges whether it is still alive.
struct Worker {
    std::int64_t id = 0;
    NewWorker is;
    bool draining = false;  ///< Takes no more work.
    Time started_at;
    Time heartbeat_at;

    [[nodiscard]] bool serves(const std::string& queue) const;
    /// Whether it may run a job of `account` (Job::account).
    [[nodiscard]] bool runs_for(const std::optional<AccountId>& account) const;
};

}  // namespace atlasjob
