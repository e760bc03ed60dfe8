#pragma once

#include "process/process_attributes.h"
#include "process/process_handle.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace atlasjob {

/// What to run, and with what environment and descriptors.
struct SpawnRequest {
    std::vector<std::string> argv;         ///< At least one; no NUL bytes.
    std::vector<std::string> environment;  ///< "NAME=value"; the command is searched in its PATH.
    std::string cwd;                       ///< If relative, to that of this process.
    unsigned umask = 022;
    std::vector<int> descriptors;  ///< Become 0, 1, 2, …; all others are closed in the command.
    /// Path of a terminal that becomes the command's controlling terminal, and its descriptors 0, 1
    /// and 2 where `descriptors` has -1.
    std::string terminal = {};
    /// The file to execute instead of what argv[0] names.
    std::string file = {};
    /// nullopt: as this process has them.
    std::optional<ProcessAttributes> attributes = {};
};

/// Why a command could not be started.
struct SpawnFailure {
    enum class Stage {
        directory,       ///< Its working directory cannot be entered.
        not_found,       ///< There is no such command.
        not_executable,  ///< It exists, but cannot be executed.
        resources,       ///< Out of processes, memory or descriptors; or no terminal.
    };

    Stage stage = Stage::resources;
    std::string reason;  ///< "cannot start \"make\": no such command in PATH"

    /// As env(1) and shells: 127 not found, 126 not executable, 125 anything else.
    [[nodiscard]] int shell_status() const;
};

/// Starts a command in a session of its own, with every signal at its default and none blocked.
/// A command without a slash is searched for in the PATH of *its* environment; a file that the
/// kernel cannot execute is run by /bin/sh, as execvp(3) does.
///
/// Its attributes and its umask are set in the child. Without attributes, its core limit is the one
/// from before forbid_core_dumps().
///
/// The caller must reap() the child.
[[nodiscard]] std::variant<ProcessHandle, SpawnFailure> spawn(const SpawnRequest& request);

/// Replaces this process by the command, in its session. The command has the umask and core limit
/// that spawn() gives it, no signal blocked, and this process's descriptors, except that those in
/// `descriptors` become 0, 1, 2, … where they are not -1. Signals that the caller of this program
/// ignored stay ignored. Returns only if that fails; the process can then only report why and exit.
[[nodiscard]] SpawnFailure exec_command(const SpawnRequest& request);

}  // namespace atlasjob
