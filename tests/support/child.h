#pragma once

#include "base/file.h"

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

namespace atlasjob::test {

/// How a child process ended.
struct ChildEnd {
    std::optional<int> code;    ///< Left by itself.
    std::optional<int> signal;  ///< Was ended by this signal.
};

/// A forked copy of the test that runs `body` and leaves with what it returns; 99 when `body`
/// throws, with the reason on stderr. Killed and reaped when it goes out of scope.
/// No connection to a ledger may be open when it is made: SQLite does not survive fork.
class Child {
  public:
    explicit Child(const std::function<int()>& body);
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }
    void signal(int number) const;
    /// Awaits its end and reaps it.
    ChildEnd wait();

  private:
    pid_t pid_;
};

/// Single bytes from one process to another. Make it before the fork.
class Wire {
  public:
    void send() const;
    /// False: nobody who could send is left. In the receiving process call `close_sender` first.
    bool receive() const;
    void close_sender() { pipe_.write_end.reset(); }

  private:
    Pipe pipe_ = make_pipe();
};

}  // namespace atlasjob::test
