#pragma once

#include "base/file.h"

namespace atlasjob {

/// The lock that the one on-demand worker of a ledger and host holds: flock(2) on <ledger>.worker.
/// It is held from before that worker's process is there: whoever starts it hands it down. In the
/// file stands which file was the ledger when it was taken.
class WorkerLock {
  public:
    /// The descriptor at which a worker that is started gets it.
    static constexpr int kHandedDown = 3;

    /// Takes it without waiting; nothing when somebody has it. Throws Error(unavailable) when the
    /// file cannot be used or was planted there (base/owned_file.h), and where there is no ledger:
    /// nothing is made then.
    static std::optional<WorkerLock> try_take(const std::string& ledger);
    /// Whether whoever has it has taken it for the file that is the ledger now. One who has taken
    /// it for another file, of a ledger that was moved or replaced, lets go of it soon and serves
    /// nobody.
    static bool is_for(const std::string& ledger);
    /// The one that was handed down to this process, or else as try_take; waits for one who has it
    /// for another file (is_for). To be called once.
    static std::optional<WorkerLock> take_over(const std::string& ledger);

    int fd() const { return fd_.get(); }

  private:
    static std::optional<WorkerLock> take_when_left(const std::string& ledger);

    explicit WorkerLock(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace atlasjob
