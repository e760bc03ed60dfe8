#pragma once

#include "e2e/cli/sandbox.h"
#include "e2e/cli/terminal/terminal_screen.h"

#include <sys/ioctl.h>
#include <termios.h>

#include <functional>

namespace atlasjob::test {

/// A script for a shell with job control, in which $atlasjob is the program.
struct Script {
    std::string text;
};

/// The program on a pseudo-terminal, and the screen it draws. The destructor kills it unless wait()
/// was called.
class AtTerminal {
  public:
    AtTerminal(
        const Sandbox& sandbox,
        const std::vector<std::string>& args,
        std::size_t rows = 24,
        std::size_t columns = 80);
    AtTerminal(const Sandbox& sandbox, const Script& script);
    AtTerminal(const AtTerminal&) = delete;
    AtTerminal& operator=(const AtTerminal&) = delete;
    ~AtTerminal();

    /// Waits until `condition` is true of the screen; returns false if the program exits first.
    bool wait_until(const std::function<bool(const TerminalScreen&)>& condition);
    bool wait_until_shown(const std::string& text) {
        return wait_until([&](const TerminalScreen& screen) { return screen.shows(text); });
    }
    void type(std::string_view keys) const;
    void resize(std::size_t rows, std::size_t columns);
    void signal(int number) const;

    /// Waits for it to exit; returns its exit status as a shell reports it.
    int wait();
    const TerminalScreen& screen() const { return screen_; }
    /// All bytes that the program has written.
    const std::string& written() const { return written_; }
    /// Whether the terminal's settings are those from before the program started.
    bool has_initial_settings() const;

  private:
    void start(const Sandbox& sandbox, std::vector<std::string> argv, const winsize& size);
    bool read_more();
    termios settings() const;

    UniqueFd master_;
    UniqueFd slave_;  ///< Kept open, so that unread output survives the program.
    pid_t pid_ = -1;
    bool ended_ = false;
    termios initial_settings_{};
    TerminalScreen screen_;
    std::string written_;
};

}  // namespace atlasjob::test
