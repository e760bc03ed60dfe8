#pragma once

#include <csignal>
#include <mutex>

namespace atlasjob {

/// From here on no core is made of this process, neither a file nor one that is handed to a
/// program: it may hold the environments of others. What it spawns (spawn.h) has the limit that it
/// had before. To be called once, before there are other threads.
void forbid_core_dumps();

/// While it lives, this process has the limit that it had before forbid_core_dumps(): for the
/// moment in which a child inherits it. A signal that would make a core, such as one from that very
/// child, waits until that is over. One thread at a time.
class InheritedCoreLimit {
  public:
    InheritedCoreLimit();
    InheritedCoreLimit(const InheritedCoreLimit&) = delete;
    InheritedCoreLimit& operator=(const InheritedCoreLimit&) = delete;
    ~InheritedCoreLimit();

  private:
    std::lock_guard<std::mutex> turn_;
    sigset_t blocked_before_{};
};

}  // namespace atlasjob
