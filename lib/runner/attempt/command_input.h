#pragma once

#include "base/file.h"
#include "base/time.h"
#include "ledger/job.h"
#include "logs/log_folder.h"

#include <optional>
#include <string>
#include <string_view>

namespace atlasjob {

/// A descriptor to read `bytes` from, at their beginning: a file in memory that nobody can write
/// or change any more and that is gone with its last descriptor. Nobody has to feed it, so a
/// command that never reads costs nothing. Throws Error(unavailable).
UniqueFd make_input(std::string_view bytes);

/// The same for anything else; `what` it is stands in the error.
UniqueFd make_sealed(std::string_view bytes, std::string_view what);

/// Whether a descriptor is such a file in memory.
bool is_sealed(int fd);

/// The standard input of an interactive attempt: a FIFO (log_files.h says where), to which anybody
/// who may use the ledger can write for as long as the command reads. This is the supervisor's side
/// of it, which keeps the command from seeing an end of its input; it goes with its supervisor.
class InputPipe {
  public:
    /// Makes it, for its owner alone. Throws Error(unavailable).
    InputPipe(const std::string& logs_root, const JobId& job_id, int attempt);
    InputPipe(const InputPipe&) = delete;
    InputPipe& operator=(const InputPipe&) = delete;
    ~InputPipe();

    /// What the command reads.
    int command_end() const { return command_end_.get(); }
    /// Once the command has it: from then on nobody else keeps the pipe readable.
    void close_command_end() { command_end_.reset(); }

  private:
    InputPipe(LogFolder folder, std::string name);

    LogFolder folder_;
    std::string name_;
    UniqueFd command_end_;
    UniqueFd kept_open_;
};

/// What became of a text that was sent.
struct Sending {
    enum class State {
        whole,          ///< The command has it, or will find it when it reads.
        not_accepting,  ///< There is no such input (any more), or the command has closed it.
        stuck,          ///< The pipe was full and stayed so.
    };

    State state = State::whole;
    std::size_t bytes = 0;  ///< So much of the text went through.
};

/// Writes `text` to the FIFO of an attempt. Up to PIPE_BUF (4096) bytes go as one or not at all;
/// longer ones may get what others send into their middle, and stop half-way when they get stuck.
/// Waits while the pipe is full, for `patience` without any progress (nothing: as long as it
/// takes). SIGPIPE must be ignored. Throws Error(unavailable) for one that may not be written, and
/// where the folder was planted by somebody else.
Sending send_input(
    const std::string& path, std::string_view text, std::optional<milliseconds> patience);

}  // namespace atlasjob
