#pragma once

#include <map>
#include <optional>
#include <string>

namespace atlasjob::cli {

/// What ~/.config/atlasjob/config.toml may say. Everything is optional.
///   ledger = "/path/ledger.db"
///   on-demand-worker = false
///   [worker]
///   slots = 4
///   [queue.gpu]
///   slots = 1
struct ConfigFile {
    std::optional<std::string> ledger;  ///< "~/" at its front stands for HOME.
    std::optional<bool> on_demand_worker;
    std::optional<int> worker_slots;
    std::map<std::string, int> queue_slots;  ///< At most so many jobs of these queues at a time.
};

/// The file's place under that HOME.
std::string config_path(const std::string& home);

/// Reads the file; an absent one says nothing. Throws invalid_argument, naming the file, for one
/// that is not understood, and unavailable for one that cannot be read.
ConfigFile read_config(const std::string& home);
/// The same for the HOME of this process; nothing is said where there is none.
ConfigFile read_config();

}  // namespace atlasjob::cli
