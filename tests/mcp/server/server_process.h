#pragma once

#include "base/file.h"
#include "base/sanitized.h"

#include <sys/types.h>

#include <optional>
#include <string>

namespace atlasjob::test {

/// A server process with pipes as its standard input and output.
class ServerProcess {
  public:
    /// `input`: a descriptor that the server reads instead of the pipe.
    ServerProcess(const std::string& ledger, int input = -1);
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;
    /// Kills the process if it is still running.
    ~ServerProcess();

    pid_t pid() const { return pid_; }
    void write(const std::string& bytes) const;
    /// Whether a line of less than PIPE_BUF can be written without blocking.
    bool has_room() const;
    /// Writes `line` repeatedly until the pipe has been full for a second or `max` bytes are
    /// written. Returns the number of bytes written.
    std::size_t write_until_blocked(const std::string& line, std::size_t max) const;
    /// Its peak resident memory so far. The process must be running.
    std::size_t peak_memory_kib() const;
    void close_input() { input_.reset(); }
    void close_output() { output_.reset(); }
    /// The next line of its output without its newline; nullopt at the end. Fails after two
    /// minutes.
    std::optional<std::string> read_line();
    /// Waits for it to exit; returns its wait status. Fails after two minutes.
    int wait();

  private:
    pid_t pid_ = -1;
    UniqueFd input_;
    UniqueFd output_;
    std::string unread_;
};

}  // namespace atlasjob::test
