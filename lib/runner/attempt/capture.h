#pragma once

#include "ledger/job.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// What a submitter wants different from its own surroundings.
struct CaptureOptions {
    std::optional<std::string> cwd;  ///< Relative: meant from the current directory.
    std::vector<std::string> env;    ///< "NAME=value" sets; "NAME" takes ours, if we have it.
    bool clean_env = false;          ///< Start from PATH, HOME and USER alone.
};

/// The command with the surroundings of this process: its directory, environment and umask. What
/// this process was told about an attempt it is part of stays out. Whether the directory or the
/// command exist is found out when it starts.
///
/// Throws invalid_argument for an entry of `env` without a name, and unavailable when the current
/// directory is gone.
CommandSpec capture_command(std::vector<std::string> argv, const CaptureOptions& options);

/// The umask of this thread; other threads notice nothing.
unsigned current_umask();

}  // namespace atlasjob
