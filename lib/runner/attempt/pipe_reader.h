#pragma once

#include "base/file.h"
#include "event/loop.h"

#include <functional>
#include <optional>
#include <string_view>

namespace atlasjob {

/// Reads one of a command's outputs in the loop. Never waits for end of file, because a process
/// that the command left behind may hold the pipe open.
class PipeReader {
  public:
    using OnBytes = std::function<void(std::string_view bytes)>;

    /// Owns `fd`. Calls `on_bytes` in the loop with what was read, and `on_end` at end of file or
    /// on an error.
    PipeReader(Loop& loop, UniqueFd fd, OnBytes on_bytes, std::function<void()> on_end = {});
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;

    void pause();
    void resume();
    /// Reads what is available now, at most the capacity of a pipe or terminal.
    void drain();

  private:
    std::size_t read_some();

    UniqueFd fd_;
    OnBytes on_bytes_;
    std::function<void()> on_end_;
    bool paused_ = false;
    std::optional<FdWatch> readable_;  ///< nullopt after end of file.
};

}  // namespace atlasjob
