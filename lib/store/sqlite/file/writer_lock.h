#pragma once

#include "base/file.h"
#include "base/time.h"

#include <csignal>
#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Blocks the signals that would stop or kill this process during a write: INT, TERM, HUP and TSTP.
/// Those that arrive are delivered when the hold ends. Affects the calling thread only; a program
/// with more threads must handle these signals itself.
class SignalHold {
  public:
    SignalHold();
    SignalHold(const SignalHold&) = delete;
    SignalHold& operator=(const SignalHold&) = delete;
    ~SignalHold();

    /// Delivers pending signals by unblocking them for an instant.
    void deliver_pending();

  private:
    sigset_t before_{};
};

/// The write lock of a ledger: an exclusive flock on `<ledger>.gate`, held from before BEGIN
/// IMMEDIATE until COMMIT has returned, and during every checkpoint. It makes writers take turns,
/// which SQLite's busy handler does not (of 8 writers one made 21,048 commits and another 1), and
/// keeps commits and checkpoints apart, without which SQLite before 3.51.3 can lose commits
/// (sqlite.org/wal.html, "The WAL-reset bug"; tests/crash/wal_reset_test.cpp shows it).
///
/// Waiting blocks in flock until a timer of the waiting thread interrupts it; polling would be
/// unfair again. A signal reaches a process that only waits. Do not fork while the lock is held:
/// the child would inherit the signal mask.
///
/// One WriterLock per connection; not thread-safe. Two WriterLocks in one process exclude each
/// other, too.
class WriterLock {
  public:
    /// `ledger` is the canonical path. Opens nothing yet.
    explicit WriterLock(std::string ledger);

    /// Holds the lock, and blocks the signals of SignalHold, while it lives.
    class Hold {
      public:
        explicit Hold(WriterLock& writer_lock) : writer_lock_(&writer_lock) {}
        Hold(Hold&& other) noexcept : writer_lock_(std::exchange(other.writer_lock_, nullptr)) {}
        Hold& operator=(Hold&&) = delete;
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();

      private:
        WriterLock* writer_lock_;
    };

    /// Waits for the lock. Creates the lock file if it is missing. Throws Error(unavailable),
    /// naming the holder, after `timeout` or if the file cannot be used, and ledger_moved if the
    /// ledger is gone after the wait.
    Hold enter(milliseconds timeout = std::chrono::seconds{30});
    /// As enter, but returns nullopt after `timeout`; 0 does not wait at all.
    std::optional<Hold> try_enter(milliseconds timeout);

  private:
    void open();
    bool lock(milliseconds timeout);
    bool wait_for_lock(milliseconds timeout);
    void unlock() noexcept;
    std::string holder() const;

    std::string ledger_;
    std::string path_;
    UniqueFd fd_;
    std::optional<SignalHold> signals_;
};

}  // namespace atlasjob::sqlite
