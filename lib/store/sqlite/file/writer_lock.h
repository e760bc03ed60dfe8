#pragma once

#include "base/file.h"
#include "base/time.h"

#include <csignal>
#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// Holds back the signals that would stop or end this process in the middle of a write: INT, TERM,
/// HUP and TSTP. What arrives meanwhile is delivered when the hold ends. Affects the calling
/// thread; a program with more threads handles these signals itself.
class SignalHold {
  public:
    SignalHold();
    SignalHold(const SignalHold&) = delete;
    SignalHold& operator=(const SignalHold&) = delete;
    ~SignalHold();

    /// Delivers what is waiting now, by ending the hold for a moment.
    void deliver_pending();

  private:
    sigset_t before_{};
};

/// The write gate of one ledger: an exclusive flock on `<ledger>.gate`, held from before BEGIN
/// IMMEDIATE until COMMIT has returned, and around every checkpoint. It makes writers take turns,
/// which SQLite's busy handler does not, and keeps every commit apart from every checkpoint, which
/// SQLite before 3.51.3 needs (sqlite.org/wal.html, "The WAL-reset bug").
///
/// One WriterLock per connection; not thread-safe. The lock is this object's own: two gates of one
/// process exclude each other too.
class WriterLock {
  public:
    /// `ledger` is the real path. Touches nothing yet.
    explicit WriterLock(std::string ledger);

    /// Keeps the gate locked, and stopping signals held back, while it lives.
    class Hold {
      public:
        explicit Hold(WriterLock& gate) : writer_lock_(&gate) {}
        Hold(Hold&& other) noexcept : writer_lock_(std::exchange(other.writer_lock_, nullptr)) {}
        Hold& operator=(Hold&&) = delete;
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();

      private:
        WriterLock* writer_lock_;
    };

    /// Waits for the gate, blocked in flock. Creates the gate file when there is none.
    /// Throws Error(unavailable) that names the holder after `timeout`, or when the file cannot be
    /// used, and ledger_moved when the ledger is gone after the wait.
    Hold enter(milliseconds timeout = std::chrono::seconds{30});
    /// The same, but nothing when `timeout` passes; with none of it, does not wait at all.
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
