#pragma once

#include "event/loop.h"
#include "logs/output_log.h"
#include "runner/attempt/nonblocking_writer.h"
#include "runner/attempt/report_channel.h"
#include "runner/attempt/supervisor.h"

#include <functional>
#include <memory>
#include <optional>

namespace atlasjob {

/// The reading ends of a command's outputs: takes what comes, while it lives and the rest when it
/// has ended. Never waits for the end of a file: a process left behind can hold that open.
class PipeReader {
  public:
    using Take = std::function<void(std::string_view bytes)>;

    /// Calls `take` in the loop with what can be read from `fd`, which it owns, and `ended` once
    /// nothing more can come.
    PipeReader(Loop& loop, UniqueFd fd, Take take, std::function<void()> ended = {});
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;

    void pause();
    void resume();
    /// Reads what is there now and no more: as much as a pipe or a terminal holds.
    void drain();

  private:
    std::size_t read_some();

    UniqueFd fd_;
    Take take_;
    std::function<void()> ended_;
    bool paused_ = false;
    std::optional<FdWatch> readable_;  ///< Nothing after the end of the file.
};

}  // namespace atlasjob
