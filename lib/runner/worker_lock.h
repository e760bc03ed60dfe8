#pragma once

#include "base/file.h"

namespace atlasjob {

/// The lock that the one on-demand worker of a ledger and host holds: flock(2) on <ledger>.worker.
/// It is held from before that worker's process is there: whoever starts it hands it down.
class WorkerLock {
  public:
    /// The descriptor at which a worker that is started gets it.
    static constexpr int kHandedDown = 3;

    /// Takes it without waiting; nothing when somebody has it. Throws Error(unavailable) when the
    /// file cannot be used, or was planted there (base/owned_file.h).
    static std::optional<WorkerLock> try_take(const std::string& ledger);
    /// The one that was handed down to this process, or else as try_take. To be called once.
    static std::optional<WorkerLock> take_over(const std::string& ledger);

    int fd() const { return fd_.get(); }

  private:
    explicit WorkerLock(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace atlasjob
