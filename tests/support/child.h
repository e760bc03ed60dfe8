#pragma once

#include "base/file.h"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace atlasjob::test {

/// How a child process ended.
struct ChildEnd {
    std::optional<int> code;    ///< Exit code.
    std::optional<int> signal;  ///< The signal that killed it.
};

/// A fork of the test that runs `body` and exits with its return value, or with 99 if `body` throws
/// (the reason goes to stderr). Killed and reaped by the destructor.
/// No connection to a ledger may be open at the fork: SQLite connections do not survive it.
class Child {
  public:
    explicit Child(const std::function<int()>& body);
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// Waits for the exit and reaps the process.
    ChildEnd wait();

  private:
    pid_t pid_;
};

/// Sends single bytes from one process to another. Create it before the fork.
class Wire {
  public:
    void send() const;
    /// Waits for a byte. Returns false if all senders have closed; for that the receiving process
    /// must call `close_sender` first.
    bool receive() const;
    void close_sender() { pipe_.write_end.reset(); }

  private:
    Pipe pipe_ = make_pipe();
};

}  // namespace atlasjob::test
