#pragma once

#include "process/process_handle.h"

#include <string>
#include <variant>
#include <vector>

namespace atlasjob {

/// What to run and in what surroundings.
struct SpawnRequest {
    std::vector<std::string> argv;         ///< At least one; no NUL bytes.
    std::vector<std::string> environment;  ///< "NAME=value"; its PATH is the one searched.
    std::string cwd;                       ///< Absolute.
    unsigned umask = 022;
    std::vector<int> descriptors;  ///< Become 0, 1, 2, …; nothing else is open in the command.
    /// A terminal that becomes the command's own, and its 0, 1 and 2 where descriptors says -1.
    std::string terminal = {};
    /// What to execute, where that is not what argv[0] names.
    std::string file = {};
};

/// Why a command could not be started.
struct SpawnFailure {
    enum class Stage {
        directory,       ///< Its working directory cannot be entered.
        not_found,       ///< There is no such command.
        not_executable,  ///< It is there, but cannot be executed.
        resources,       ///< The machine or a limit did not allow one more process.
    };

    Stage stage = Stage::resources;
    std::string reason;  ///< "cannot start \"make\": no such command in PATH"

    /// What env(1) and shells answer: 127 not found, 126 not executable, 125 anything else.
    int shell_status() const;
};

/// Starts a command in a session of its own, with every signal at its default and none blocked.
/// A command without a slash is looked for in the PATH of *its* environment; one that the kernel
/// does not know how to execute is given to /bin/sh, as execvp(3) does.
///
/// The umask is set for the moment of the spawn. From the first call on, the calling thread has a
/// umask and working directory of its own (unshare(2), CLONE_FS), so that other threads notice
/// nothing; where a sandbox forbids that, the whole process has the command's umask for the moment.
///
/// Its core limit is the one that this process had before forbid_core_dumps().
///
/// The child is the caller's: reap() it.
std::variant<ProcessHandle, SpawnFailure> spawn(const SpawnRequest& request);

}  // namespace atlasjob
