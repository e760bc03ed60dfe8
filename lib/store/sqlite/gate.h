#pragma once

#include "base/file.h"
#include "base/time.h"
#include "store/sqlite/signal_hold.h"

#include <optional>
#include <string>

namespace atlasjob::sqlite {

/// The write gate of one ledger: an exclusive flock on `<ledger>.gate`, held from before BEGIN
/// IMMEDIATE until COMMIT has returned, and around every checkpoint. It makes writers take turns,
/// which SQLite's busy handler does not, and keeps every commit apart from every checkpoint, which
/// SQLite before 3.51.3 needs (sqlite.org/wal.html, "The WAL-reset bug").
///
/// One Gate a connection; not thread-safe. The lock is this object's own: two gates of one process
/// exclude each other too.
class Gate {
  public:
    /// `ledger` is the real path. Touches nothing yet.
    explicit Gate(std::string ledger);

    /// Keeps the gate locked, and stopping signals held back, while it lives.
    class Hold {
      public:
        explicit Hold(Gate& gate) : gate_(&gate) {}
        Hold(Hold&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
        Hold& operator=(Hold&&) = delete;
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();

      private:
        Gate* gate_;
    };

    /// Waits for the gate, blocked in flock. Creates the gate file when there is none. Throws
    /// Error(unavailable) that names the holder after `timeout`, or when the file cannot be used,
    /// and ledger_moved when the ledger is gone after the wait.
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
