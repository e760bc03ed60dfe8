#pragma once

#include <sys/resource.h>

namespace atlasjob {

/// Disables core dumps of this process, to a file or to a program, because its memory may hold the
/// environments of jobs. Commands it spawns (spawn.h) get the limit from before this call. Call
/// once, before starting threads.
void forbid_core_dumps();

/// Restores the limit from before forbid_core_dumps(), for a program that replaces this one
/// (execve): it must forbid them itself. Call forbid_core_dumps() again if execve fails.
void allow_core_dumps();

/// The core limit of this process from before forbid_core_dumps(), which commands get.
[[nodiscard]] rlimit core_limit_of_commands();

}  // namespace atlasjob
