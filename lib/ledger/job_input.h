#pragma once

#include "base/time.h"
#include "ledger/job.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace atlasjob {

/// The supervisor's side of an interactive attempt's standard input. The destructor ends it: what
/// is sent afterwards is not accepted. Belongs to one thread.
class InputPipe {
  public:
    InputPipe() = default;
    InputPipe(const InputPipe&) = delete;
    InputPipe& operator=(const InputPipe&) = delete;
    virtual ~InputPipe() = default;

    /// The descriptor that the command reads; it blocks, and never sees end of file while this
    /// object exists.
    virtual int command_end() const = 0;
    /// Call once the command has been spawned, so that senders notice when it stops reading.
    virtual void close_command_end() = 0;
};

/// Result of JobInput::send().
struct SendResult {
    enum class State {
        sent,           ///< The command will get all of the text.
        not_accepting,  ///< The attempt has no such input, or nothing reads it any more.
        timed_out,      ///< The command did not read what was sent before.
    };

    State state = State::sent;
    std::size_t bytes = 0;  ///< How much of the text was sent.
};

/// An attempt that has, or has left behind, an interactive input.
struct InputEntry {
    JobId job_id;
    int attempt = 0;
};

/// The standard input of interactive attempts, to which every process with access to the ledger can
/// send while the command reads. It only passes text on: nothing is kept for a command that is not
/// there. All functions may be called from any thread.
class JobInput {
  public:
    JobInput() = default;
    JobInput(const JobInput&) = delete;
    JobInput& operator=(const JobInput&) = delete;
    virtual ~JobInput() = default;

    /// Opens the input of an attempt of which this process is the supervisor, in place of one that
    /// was left behind. Only the ledger's owner can send to it. Throws Error(unavailable).
    virtual std::unique_ptr<InputPipe> open(const JobId& job_id, int attempt) = 0;

    /// Sends `text` to the command of an attempt. Up to PIPE_BUF (4096) bytes are sent as one piece
    /// or not at all; a longer text may be interleaved with that of other senders, and may be sent
    /// partly. If the command does not read, waits up to `timeout` for each progress (nullopt: no
    /// limit). SIGPIPE must be ignored. Throws Error(unavailable) if the input may not be written.
    virtual SendResult send(
        const JobId& job_id,
        int attempt,
        std::string_view text,
        std::optional<milliseconds> timeout) = 0;

    /// All inputs that this host knows of, in no particular order; those that may not be read are
    /// left out.
    virtual std::vector<InputEntry> list() = 0;

    /// Removes the input of an attempt that is over, which its supervisor did not live to do.
    /// Returns whether there was one.
    virtual bool remove(const JobId& job_id, int attempt) = 0;
};

}  // namespace atlasjob
