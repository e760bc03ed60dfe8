#pragma once

#include <optional>
#include <string>

namespace atlasjob::cli {

/// What ~/.config/atlasjob/config.toml may say. Everything is optional.
struct ConfigFile {
    std::optional<std::string> ledger;  ///< "~/" at its front stands for HOME.
};

/// The file's place under that HOME.
std::string config_path(const std::string& home);

/// Reads the file; an absent one says nothing. Throws invalid_argument, naming the file, for one
/// that is not understood, and unavailable for one that cannot be read.
ConfigFile read_config(const std::string& home);

}  // namespace atlasjob::cli
