#pragma once

#include "base/file.h"
#include "base/time.h"
#include "ledger/address.h"
#include "process/process_handle.h"

namespace atlasjob {

/// The lock that ensures one on-demand worker per ledger and host: flock(2) on <ledger>.worker. The
/// process that starts the worker takes the lock first and passes it on. The lock file records the
/// identity of the ledger's file at that time, and the worker's process.
class [[nodiscard]] WorkerLock {
  public:
    /// The descriptor on which a new worker inherits the lock.
    static constexpr int kInheritedFd = 3;

    /// Takes the lock without waiting; nullopt if another process holds it. Throws
    /// Error(unavailable) if the lock file cannot be used or fails the checks of base/owned_file.h,
    /// and if there is no ledger; then creates nothing.
    [[nodiscard]] static std::optional<WorkerLock> try_take(const LedgerAddress& ledger);
    // What follows throws as try_take() if the lock file fails those checks.

    /// Whether the lock was taken for the file that is the ledger now. If not, because the ledger
    /// was moved or replaced, its holder does not serve this ledger and will release it soon.
    [[nodiscard]] static bool is_for(const LedgerAddress& ledger);
    /// Takes the lock from a holder that serves nobody, by putting a new lock file in place of the
    /// held one. nullopt if that was taken later than `taken_by` (its worker may be about to
    /// register) or cannot be replaced. The caller has found no worker that serves; a holder that
    /// comes back finds itself without the lock, and there are two workers until it is idle.
    [[nodiscard]] static std::optional<WorkerLock> replace_silent(
        const LedgerAddress& ledger, Time taken_by);
    /// The lock inherited by this process; if there is none, as try_take(), but waits while it is
    /// held for another file (is_for). Records this process as the worker. Call it once.
    [[nodiscard]] static std::optional<WorkerLock> take_over(const LedgerAddress& ledger);

    /// The worker recorded by record_worker(); nullopt if the lock is free, or none was recorded
    /// yet since it was taken.
    [[nodiscard]] static std::optional<ProcessHandle> worker_of(const LedgerAddress& ledger);
    /// Waits until the lock is free, but not longer than `timeout`.
    static void await_release(const LedgerAddress& ledger, milliseconds timeout);

    /// Records the worker that has the lock, which is this process or a child.
    void record_worker(pid_t worker) const;
    int fd() const { return fd_.get(); }

  private:
    [[nodiscard]] static std::optional<WorkerLock> wait_and_take(const LedgerAddress& ledger);

    explicit WorkerLock(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

}  // namespace atlasjob
