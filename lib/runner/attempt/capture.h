#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// How the command's environment differs from that of this process.
struct CaptureOptions {
    std::optional<std::string> cwd;  ///< If relative, relative to the current directory.
    std::vector<std::string> env;    ///< "NAME=value" sets; "NAME" copies from this process if set.
    bool clean_env = false;          ///< Start from PATH, HOME and USER only.
};

/// The command with the directory, environment, umask and attributes (process_attributes.h) of this
/// process. Variables that describe
/// an attempt this process may be part of are left out. Does not check whether the directory and
/// the command exist.
///
/// Throws Error(invalid_argument) for an entry of `env` without a name, and Error(unavailable) if
/// the current directory has been removed.
[[nodiscard]] CommandSpec capture_command(
    std::vector<std::string> argv, const CaptureOptions& options);

/// The umask of this thread. Safe while other threads run.
[[nodiscard]] unsigned current_umask();

}  // namespace atlasjob
