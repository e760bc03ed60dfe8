#pragma once

#include "base/file.h"
#include "base/time.h"
#include "ledger/job.h"
#include "logs/log_folder.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

// The two kinds of standard input that a background command can have: a fixed text (make_input) and
// a FIFO that other processes write to (InputPipe, send_input).

/// A read-only descriptor of `bytes`, at their beginning: a sealed file in memory (memfd), which
/// cannot be changed and is freed with its last descriptor. Unlike a pipe it needs no writer.
/// Throws Error(unavailable).
UniqueFd make_input(std::string_view bytes);

/// The same for other purposes; `what` names the content in the error.
UniqueFd make_sealed(std::string_view bytes, std::string_view what);

/// Whether the descriptor is such a sealed file.
bool is_sealed(int fd);

/// The supervisor's side of an interactive attempt's standard input: a FIFO at input_path()
/// (log_files.h), to which every process with access to the ledger can write while the command
/// reads. Holds a write end open, so that the command never sees end of file. The destructor
/// removes the FIFO.
class InputPipe {
  public:
    /// Creates the FIFO, accessible to the ledger's owner only. Throws Error(unavailable).
    InputPipe(const std::string& logs_root, const JobId& job_id, int attempt);
    InputPipe(const InputPipe&) = delete;
    InputPipe& operator=(const InputPipe&) = delete;
    ~InputPipe();

    /// The end that the command reads.
    int command_end() const { return command_end_.get(); }
    /// Call once the command has been spawned, so that writers notice when it stops reading.
    void close_command_end() { command_end_.reset(); }

  private:
    InputPipe(LogFolder folder, std::string name);

    LogFolder folder_;
    std::string name_;
    UniqueFd command_end_;
    UniqueFd kept_open_;
};

/// Result of send_input().
struct SendResult {
    enum class State {
        sent,           ///< All of the text is in the pipe.
        not_accepting,  ///< There is no such FIFO, or no process reads it.
        timed_out,      ///< The pipe remained full.
    };

    State state = State::sent;
    std::size_t bytes = 0;  ///< How much of the text was written.
};

/// Writes `text` to the FIFO of an attempt. Up to PIPE_BUF (4096) bytes are written atomically or
/// not at all; a longer text may be interleaved with the input of other senders, and may be written
/// partly. While the pipe is full, waits up to `timeout` for each progress (nullopt: no limit).
/// SIGPIPE must be ignored. Throws Error(unavailable) if the FIFO may not be written, or if the
/// folder fails the checks of log_folder.h.
SendResult send_input(
    const std::string& path, std::string_view text, std::optional<milliseconds> timeout);

}  // namespace atlasjob
