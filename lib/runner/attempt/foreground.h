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

/// Whether this process ignores the signal.
bool is_ignored(int signo);

/// The signals a terminal or a parent sends to a program in the foreground, as callbacks.
/// One that is ignored when this begins (nohup, a shell's background job) stays ignored.
class ForegroundSignals {
  public:
    struct Calls {
        std::function<void(int signo)> interrupted;  ///< INT, TERM, HUP or QUIT.
        std::function<void()> asked_to_stop;         ///< TSTP, the terminal's Ctrl-Z.
    };

    ForegroundSignals(Loop& loop, const Calls& calls);

  private:
    std::vector<SignalWatch> watches_;
};

/// A terminal of our own in raw mode: what is typed goes on unread, Ctrl-C included. Set back when
/// this goes out of scope. Does nothing where we are not in its foreground.
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

/// The terminal of a command in the foreground (`run --tty`), between it and whatever our standard
/// descriptors are. What we read is typed there; its size follows the size of our terminal, if we
/// have one. Our standard input need not be a terminal: its end is then typed as Ctrl-D.
///
/// Ctrl-C and Ctrl-Z are the command's: its terminal makes signals of them, or does not.
///
/// Belongs to the loop's thread. Sets our terminal back when it goes out of scope.
class ForegroundTerminal {
  public:
    /// `typed` false: the command's standard input is something else, and ours is left alone.
    /// Throws Error(unavailable).
    ForegroundTerminal(Loop& loop, bool typed);
    ForegroundTerminal(const ForegroundTerminal&) = delete;
    ForegroundTerminal& operator=(const ForegroundTerminal&) = delete;

    /// For SpawnRequest::terminal.
    const std::string& path() const { return terminal_.path; }
    /// A descriptor to read what the command writes. Throws Error(unavailable).
    UniqueFd output() const { return dup_near(); }
    /// Nothing is typed any more, and our terminal is as it was.
    void stop();
    /// Our terminal is as it was, until resume(): for when we are stopped.
    void suspend();
    void resume();
    /// Whether somebody typed what makes SIGINT or SIGQUIT.
    bool interrupt_typed() const { return interrupt_typed_; }

  private:
    void prepare();
    void follow_size() const;
    UniqueFd dup_near() const;
    void begin_typing();
    void go_on_typing();
    void type_file();
    void type(std::string_view bytes);
    void note_interrupt(std::string_view bytes);
    void type_end();

    Loop& loop_;
    PseudoTerminal terminal_;
    int own_;  ///< Our terminal, or -1.
    bool interrupt_typed_ = false;
    bool line_open_ = false;  ///< What was typed last does not end a line.
    std::optional<RawMode> raw_;
    std::vector<SignalWatch> signals_;
    std::optional<NonBlockingWriter> typed_;
    std::optional<PipeReader> input_;
    UniqueFd file_;  ///< Our standard input, where it is a file.
};

}  // namespace atlasjob
