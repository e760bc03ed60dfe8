#pragma once

#include "process/process_attributes.h"

#include <sys/resource.h>
#include <sys/types.h>

#include <span>

namespace atlasjob {

/// What a child does before its program runs.
enum class ChildStep { directory, terminal, descriptors, exec };

/// Why a child could not call exec.
struct ChildFailure {
    int error = 0;  ///< An errno value; 0: none.
    ChildStep step = ChildStep::directory;
};

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
    const ProcessAttributes* attributes;    ///< nullptr: those of the parent.
    ChildStep step = ChildStep::directory;  ///< Where the child is.
    ChildFailure* failure = nullptr;        ///< Shared with the child by start_child.
};

/// The pid of a child, or why there is none.
struct Spawned {
    pid_t pid = 0;
    int error = 0;  ///< 0, or an errno value: there is no child.
    ChildStep failed = ChildStep::exec;
};

/// Starts a program in a child with a session of its own, every signal at its default and none
/// blocked. Returns once it runs, or could not be started. The caller must reap it.
[[nodiscard]] Spawned start_child(Child& child);

/// Waits for a child to exit and reaps it.
void await_and_reap(pid_t child);

}  // namespace atlasjob
