#pragma once

#include "process/process_attributes.h"

#include <sys/resource.h>
#include <sys/types.h>

#include <span>

namespace atlasjob {

/// What the child needs, prepared by its parent: it shares the parent's memory until it calls exec,
/// and may only make system calls.
struct Child {
    const char* path;
    char* const* argv;
    char* const* environment;
    int directory;
    const char* terminal;  ///< nullptr: none.
    std::span<const int> descriptors;
    mode_t mask;
    rlimit core_limit;
    const ProcessAttributes* attributes;  ///< nullptr: those of the parent.
    int* error = nullptr;  ///< Why the child could not call exec; shared with it by start_child.
};

/// The pid of a child, or why there is none.
struct Spawned {
    pid_t pid = 0;
    int error = 0;  ///< 0, or an errno value: there is no child.
};

/// Starts a program in a child with a session of its own, every signal at its default and none
/// blocked. Returns once it runs, or could not be started. The caller must reap it.
[[nodiscard]] Spawned start_child(Child& child);

/// Waits for a child to exit and reaps it.
void await_and_reap(pid_t child);

}  // namespace atlasjob
