#pragma once

#include "base/file.h"
#include "event/loop.h"

#include <csignal>
#include <functional>
#include <optional>
#include <string>

namespace atlasjob {

/// Writes bytes to a descriptor without ever waiting for its reader. Bytes that cannot be written
/// at once are buffered without limit; while congested(), the caller should stop reading its
/// source. Any write error stops forwarding; EPIPE and the like, which mean that the reader left,
/// are not reported as failure(). SIGPIPE must be ignored.
///
/// A pipe or terminal is reopened, so that the open file shared with other processes does not
/// become non-blocking. Where that is impossible (sockets), the flag is restored at the end.
class NonBlockingWriter {
  public:
    /// `drained` is called in the loop when the whole buffer has been written or dropped.
    NonBlockingWriter(Loop& loop, int fd, std::function<void()> drained);
    /// Owns the descriptor and makes it non-blocking.
    NonBlockingWriter(Loop& loop, UniqueFd own, std::function<void()> drained);
    NonBlockingWriter(const NonBlockingWriter&) = delete;
    NonBlockingWriter& operator=(const NonBlockingWriter&) = delete;
    ~NonBlockingWriter();

    void pass(std::string_view bytes);
    /// Whether bytes are buffered.
    bool congested() const { return !buffer_.empty(); }
    /// The errno of the write that failed, or 0. A closed reader or a terminal that was hung up is
    /// not a failure, as nobody is reading.
    int failure() const { return failure_; }
    /// Drops the buffer and ignores all further bytes.
    void close();

  private:
    void open(int fd);
    void flush();
    void watch();
    void fail(int error);

    Loop& loop_;
    std::function<void()> drained_;
    int fd_ = -1;
    UniqueFd own_;                         ///< If reopened or owned; else fd_ is the caller's.
    std::optional<int> flags_to_restore_;  ///< Of the caller's open file.
    bool terminal_ = false;
    bool closed_ = false;
    int failure_ = 0;
    std::string buffer_;
    std::optional<FdWatch> writable_;
};

/// Scope guard that ignores SIGPIPE.
class BrokenPipesIgnored {
  public:
    BrokenPipesIgnored();
    BrokenPipesIgnored(const BrokenPipesIgnored&) = delete;
    BrokenPipesIgnored& operator=(const BrokenPipesIgnored&) = delete;
    ~BrokenPipesIgnored();

  private:
    struct sigaction before_ {};
};

}  // namespace atlasjob
