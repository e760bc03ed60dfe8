#pragma once

#include "event/loop.h"
#include "process/pseudo_terminal.h"
#include "runner/attempt/nonblocking_writer.h"
#include "runner/attempt/pipe_reader.h"

#include <termios.h>

#include <functional>
#include <optional>
#include <vector>

namespace atlasjob {

// What `run` needs in the foreground: the signals of its terminal or parent, and with --tty a
// terminal for the command.

/// Whether this process ignores the signal.
[[nodiscard]] bool is_ignored(int signo);

/// Whether this process's standard output and error are the same terminal, file, pipe or socket, as
/// after 2>&1. A command whose outputs are then two pipes would lose their order.
[[nodiscard]] bool outputs_are_one();

/// The signals that a terminal or parent sends to a foreground program, as callbacks. A signal that
/// was ignored at construction (nohup, a shell's background job) stays ignored.
class ForegroundSignals {
  public:
    struct Calls {
        std::function<void(int signo)> interrupted;  ///< INT, TERM, HUP or QUIT.
        std::function<void(int signo)> forward;      ///< USR1 or USR2.
        std::function<void()> suspend;               ///< TSTP, the terminal's Ctrl-Z.
    };

    ForegroundSignals(Loop& loop, const Calls& calls);

  private:
    std::vector<SignalWatch> watches_;
};

/// Scope guard that puts a terminal into raw mode, so that every key is read as a byte, Ctrl-C
/// included. Does nothing if this process is not in the terminal's foreground.
class RawMode {
  public:
    explicit RawMode(int terminal);
    RawMode(const RawMode&) = delete;
    RawMode& operator=(const RawMode&) = delete;
    ~RawMode();

  private:
    int terminal_;
    std::optional<termios> before_;
};

/// Scope guard that keeps the status flags of a descriptor. The event loop makes one non-blocking,
/// and a socket cannot be reopened: its flags are shared with other processes.
class KeptFlags {
  public:
    explicit KeptFlags(int fd);
    KeptFlags(const KeptFlags&) = delete;
    KeptFlags& operator=(const KeptFlags&) = delete;
    ~KeptFlags();

  private:
    int fd_;
    int flags_;  ///< -1: unknown.
};

/// The pseudo-terminal of a foreground command (`run --tty`). Everything read from this process's
/// standard input is typed there; if that is not a terminal, its end is typed as Ctrl-D. The size
/// follows that of the user's terminal, if there is one.
///
/// Ctrl-C and Ctrl-Z go to the command: its pseudo-terminal turns them into signals, unless the
/// command has turned that off.
///
/// Belongs to the loop's thread. The destructor restores the user's terminal.
class ForegroundTerminal {
  public:
    /// With `forward_input` false the command has another standard input, and this process's is not
    /// read. Throws Error(unavailable).
    ForegroundTerminal(Loop& loop, bool forward_input);
    ForegroundTerminal(const ForegroundTerminal&) = delete;
    ForegroundTerminal& operator=(const ForegroundTerminal&) = delete;

    /// For SpawnRequest::terminal.
    const std::string& path() const { return terminal_.path; }
    /// A descriptor to read what the command writes. Throws Error(unavailable).
    UniqueFd output() const { return dup_master(); }
    /// Stops forwarding input and restores the user's terminal.
    void stop();
    /// Restores the user's terminal until resume(), for when this process is stopped.
    void suspend();
    void resume();
    /// Whether a key for SIGINT or SIGQUIT was typed.
    bool interrupt_typed() const { return interrupt_typed_; }

  private:
    void prepare();
    void follow_size() const;
    UniqueFd dup_master() const;
    void start_typing();
    void resume_typing();
    void type_file();
    void type(std::string_view bytes);
    void note_interrupt(std::string_view bytes);
    void type_end();

    Loop& loop_;
    PseudoTerminal terminal_;
    int user_terminal_;  ///< A standard descriptor that is a terminal, or -1.
    bool interrupt_typed_ = false;
    bool line_open_ = false;  ///< The last byte typed was not a line end.
    std::optional<RawMode> raw_;
    std::vector<SignalWatch> signals_;
    std::optional<NonBlockingWriter> writer_;
    std::optional<KeptFlags> shared_input_;
    std::optional<PipeReader> input_;
    UniqueFd file_;  ///< Standard input, if it is a file.
};

}  // namespace atlasjob
