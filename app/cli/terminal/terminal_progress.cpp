#include "cli/terminal/terminal_progress.h"

#include "base/file.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace atlasjob::cli {

namespace {

/// An environment variable of a terminal that shows progress. An empty `value` matches any value.
struct KnownTerminal {
    const char* variable;
    std::string_view value;
};
constexpr std::array kKnownTerminals = {
    KnownTerminal{"WT_SESSION", {}},           // Windows Terminal
    KnownTerminal{"ConEmuANSI", "ON"},         // ConEmu
    KnownTerminal{"TERM_PROGRAM", "WezTerm"},  //
    KnownTerminal{"TERM_PROGRAM", "ghostty"},  // since 1.2
    KnownTerminal{"TERM", "xterm-ghostty"},    // over ssh, where TERM_PROGRAM is not passed on
};

/// The first release of VTE (GNOME Terminal, Ptyxis, …) that shows it: 0.80.
constexpr int kFirstVte = 8000;

bool is_set_to(const KnownTerminal& row) {
    const auto value = environment(row.variable);
    return value && (row.value.empty() || *value == row.value);
}

bool is_known() {
    if (std::ranges::any_of(kKnownTerminals, is_set_to)) return true;
    return parse_integer<int>(environment("VTE_VERSION").value_or("")).value_or(0) >= kFirstVte;
}

bool is_multiplexed() {
    return environment("TMUX") || environment("STY");
}

}  // namespace

bool shows_progress(int fd, ColorMode mode) {
    return mode != ColorMode::never && has_escape_sequences(fd) && !environment("NO_COLOR")
           && !is_multiplexed() && is_known();
}

std::string progress_sequence(const std::optional<double>& progress) {
    if (!progress) return "\x1b]9;4;3;0\x1b\\";
    return fmt::format("\x1b]9;4;1;{}\x1b\\", std::lround(std::clamp(*progress, 0.0, 1.0) * 100));
}

std::string progress_sequence(std::span<const Job> jobs) {
    if (std::ranges::all_of(jobs, [](const Job& job) { return is_terminal(job.status); }))
        return std::string{kClearProgress};
    double sum = 0;
    bool is_known = false;
    for (const Job& job : jobs) {
        const bool has_ended = is_terminal(job.status);
        is_known = is_known || has_ended || job.progress;
        sum += has_ended ? 1.0 : job.progress.value_or(0.0);
    }
    if (!is_known) return progress_sequence(std::optional<double>{});
    return progress_sequence(std::optional{sum / static_cast<double>(jobs.size())});
}

TerminalProgress::~TerminalProgress() {
    // There is nowhere left to report a failure.
    static_cast<void>(write_all(fd_, kClearProgress));
}

}  // namespace atlasjob::cli
