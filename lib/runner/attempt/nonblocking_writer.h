#pragma once

#include "base/file.h"
#include "event/loop.h"

#include <csignal>
#include <functional>
#include <optional>
#include <string>

namespace atlasjob {

/// Passes bytes on to one of our own descriptors without ever waiting for its reader. What does
/// not go through at once is kept; the caller is told so that it stops reading the source. A
/// reader that went away ends the passing on, and nothing else; any other error of a write ends it,
/// too, and is kept as failure(). SIGPIPE must be ignored.
///
/// A pipe or terminal is opened anew, so that the caller's open file does not become
/// non-blocking; where that is impossible (sockets), its flag is set back at the end.
class NonBlockingWriter {
  public:
    /// `drained` is called in the loop when everything kept back has gone through or been given up.
    NonBlockingWriter(Loop& loop, int fd, std::function<void()> drained);
    /// To a descriptor that is ours alone; it becomes non-blocking.
    NonBlockingWriter(Loop& loop, UniqueFd own, std::function<void()> drained);
    NonBlockingWriter(const NonBlockingWriter&) = delete;
    NonBlockingWriter& operator=(const NonBlockingWriter&) = delete;
    ~NonBlockingWriter();

    void pass(std::string_view bytes);
    /// Whether something is kept back.
    bool congested() const { return !kept_.empty(); }
    /// Why bytes could not be passed on (an errno value), or 0. A reader that went away, or whose
    /// terminal was hung up, is no failure: nobody wants them any more.
    int failure() const { return failure_; }
    /// Drops what is kept back and passes nothing on from now.
    void close();

  private:
    void open(int fd);
    void push();
    void watch();
    void fail(int error);

    Loop& loop_;
    std::function<void()> drained_;
    int fd_ = -1;
    UniqueFd own_;                         ///< Opened anew; else fd_ is the caller's.
    std::optional<int> flags_to_restore_;  ///< Of the caller's open file.
    bool terminal_ = false;
    bool closed_ = false;  ///< By us.
    int failure_ = 0;
    std::string kept_;
    std::optional<FdWatch> writable_;
};

/// Ignores SIGPIPE for as long as it lives.
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
