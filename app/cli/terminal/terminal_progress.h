#pragma once

#include "cli/terminal/output.h"
#include "ledger/job.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace atlasjob::cli {

// Progress for the terminal itself, which shows it in its tab or in the taskbar: the sequence OSC
// 9;4 of ConEmu (https://conemu.github.io/en/AnsiEscapeCodes.html#ConEmu_specific_OSC).

/// Whether `fd` is a terminal that is known to show progress, by its environment; others may print
/// the sequence or show it as a notification. False with NO_COLOR, --color never, and inside tmux
/// and screen, which do not pass it on.
bool shows_progress(int fd, ColorMode mode);

/// The sequence for a progress of 0.0-1.0; nullopt: something runs, how far it is is unknown.
std::string progress_sequence(const std::optional<double>& progress);

/// Takes the progress away again.
inline constexpr std::string_view kClearProgress = "\x1b]9;4;0;0\x1b\\";

/// The sequence for jobs that are watched together: the mean of their progress; kClearProgress once
/// all have ended.
std::string progress_sequence(std::span<const Job> jobs);

/// While it exists, the terminal at `fd` may show progress; the destructor takes it away.
class TerminalProgress {
  public:
    explicit TerminalProgress(int fd) : fd_(fd) {}
    TerminalProgress(const TerminalProgress&) = delete;
    TerminalProgress& operator=(const TerminalProgress&) = delete;
    ~TerminalProgress();

  private:
    int fd_;
};

}  // namespace atlasjob::cli
