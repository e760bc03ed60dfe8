#pragma once

#include <csignal>
#include <mutex>

namespace atlasjob {

/// Disables core dumps of this process, to a file or to a program, because its memory may hold the
/// environments of jobs. Commands it spawns (spawn.h) get the limit from before this call. Call
/// once, before starting threads.
void forbid_core_dumps();

/// Restores the limit from before forbid_core_dumps(), for a program that replaces this one
/// (execve): it must forbid them itself. Call forbid_core_dumps() again if execve fails.
void allow_core_dumps();

/// Scope guard that restores the core limit from before forbid_core_dumps(), so that a child
/// spawned meanwhile inherits it. All signals are blocked for as long, so that none can make this
/// process dump core. Only one thread at a time can hold it; others wait.
class InheritedCoreLimit {
  public:
    InheritedCoreLimit();
    InheritedCoreLimit(const InheritedCoreLimit&) = delete;
    InheritedCoreLimit& operator=(const InheritedCoreLimit&) = delete;
    ~InheritedCoreLimit();

  private:
    std::lock_guard<std::mutex> lock_;
    sigset_t blocked_before_{};
};

}  // namespace atlasjob
