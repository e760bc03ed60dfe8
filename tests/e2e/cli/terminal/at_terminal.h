#pragma once

#include "e2e/cli/sandbox.h"
#include "e2e/cli/terminal/terminal_screen.h"

#include <sys/ioctl.h>
#include <termios.h>

#include <functional>

namespace atlasjob::test {

/// For a shell with job control; $atlasjob is the program.
struct Script {
    std::string text;
};

/// The program at a terminal of its own, and what is seen there. Killed when it is not waited for.
class AtTerminal {
  public:
    AtTerminal(
        const Sandbox& sandbox,
        const std::vector<std::string>& words,
        std::size_t rows = 24,
        std::size_t columns = 80);
    AtTerminal(const Sandbox& sandbox, const Script& script);
    AtTerminal(const AtTerminal&) = delete;
    AtTerminal& operator=(const AtTerminal&) = delete;
    ~AtTerminal();

    /// Waits until the screen is so; false when the program ends before.
    bool until(const std::function<bool(const TerminalScreen&)>& is_so);
    bool until_shown(const std::string& text) {
        return until([&](const TerminalScreen& screen) { return screen.shows(text); });
    }
    void type(std::string_view keys) const;
    void resize(std::size_t rows, std::size_t columns);
    void signal(int number) const;

    /// Waits for its end; returns its exit status as a shell tells it.
    int wait();
    const TerminalScreen& screen() const { return screen_; }
    /// All that was written.
    const std::string& written() const { return written_; }
    /// Whether the line settings are those that it found.
    bool is_as_before() const;

  private:
    void start(const Sandbox& sandbox, std::vector<std::string> argv, const winsize& size);
    bool read_more();
    termios settings() const;

    UniqueFd near_;
    UniqueFd far_;  ///< Held, so that what was written is not lost with the program.
    pid_t pid_ = -1;
    bool ended_ = false;
    termios before_{};
    TerminalScreen screen_;
    std::string written_;
};

}  // namespace atlasjob::test
