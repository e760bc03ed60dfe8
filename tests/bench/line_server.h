#pragma once

#include "base/file.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::test {

/// A server process that answers lines on its stdin with lines on its stdout. The destructor closes
/// its input and waits for it to exit.
class LineServer {
  public:
    /// Throws std::runtime_error if it cannot be started.
    explicit LineServer(const std::vector<std::string>& argv);
    LineServer(const LineServer&) = delete;
    LineServer& operator=(const LineServer&) = delete;
    ~LineServer();

    void send(std::string_view line);
    /// The next line without its newline; valid until the next call. Throws std::runtime_error if
    /// the server has exited.
    std::string_view receive();
    /// The resident memory (VmRSS) of the process in KiB.
    long rss_kib() const;

  private:
    UniqueFd in_;
    UniqueFd out_;
    pid_t pid_ = -1;
    std::string buffer_;
    std::size_t taken_ = 0;
};

}  // namespace atlasjob::test
