#pragma once

#include "base/file.h"
#include "support/sanitized.h"

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob::test {

/// A server in a process of its own, its standard input and output in our hands.
class ServerProcess {
  public:
    /// `input`: what it reads instead of a pipe from us.
    ServerProcess(const std::string& ledger, int input = -1);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    /// Kills it when it is still there.
    ~ServerProcess();

    pid_t pid() const { return pid_; }
    void write(const std::string& bytes) const;
    /// Whether a line of less than PIPE_BUF can be written without blocking.
    bool has_room() const;
    /// Writes `line` again and again until the server has taken none for a second, or `most` bytes
    /// are written. Returns how many were.
    std::size_t write_until_stuck(const std::string& line, std::size_t most) const;
    /// The most memory it has had resident so far. It must be alive.
    std::size_t peak_memory_kib() const;
    void close_input() { input_.reset(); }
    void close_output() { output_.reset(); }
    /// The next line of its output without its newline; nothing at the end. Fails after two
    /// minutes.
    std::optional<std::string> read_line();
    /// Its wait status, once it has ended. Fails after two minutes.
    int wait();

  private:
    pid_t pid_ = -1;
    UniqueFd input_;
    UniqueFd output_;
    std::string unread_;
};

}  // namespace atlasjob::test
