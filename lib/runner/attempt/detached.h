#pragma once

#include "process/placement.h"
#include "process/process_handle.h"

#include <optional>
#include <string>
#include <vector>

namespace atlasjob {

/// A detached copy of this program, and what it printed before it called leave_parent().
struct DetachedStart {
    ProcessHandle process;  ///< A child: reap() it once it has exited, unless SIGCHLD is ignored.
    std::string out;        ///< From its standard output.
    std::string err;        ///< From its standard error.
    Lifetime lifetime = Lifetime::machine;
};

/// Starts this program again in a session of its own, placed where it lives longest (placed_exec),
/// with the directory, umask and environment of this process, except for variables that describe an
/// attempt this process may be part of. Returns once the child has called leave_parent() or exited.
/// The child's standard input is `input`; it inherits no other descriptor and no terminal. Throws
/// Error(unavailable).
///
/// Only the first two arguments, program and command, are in the child's argv, which every account
/// can read while it runs. The others may be secrets and are passed in a sealed file: the child
/// gets them from handed_over_arguments().
[[nodiscard]] DetachedStart start_detached(const std::vector<std::string>& arguments, int input);

/// In the child, first: the arguments that its parent handed over; nullopt if there are none.
/// Throws Error(unavailable).
[[nodiscard]] std::optional<std::vector<std::string>> handed_over_arguments();

/// In the child, before it changes anything: waits until its parent has a handle of it, or is gone.
/// Otherwise a child that exits at once would look to its parent like one that did not start.
void await_parent();

/// In the child, when its parent may continue: connects the standard descriptors to /dev/null and
/// changes to "/". Throws Error(unavailable).
void leave_parent();

}  // namespace atlasjob
