#include "cli/terminal/output.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

std::size_t columns_of(int terminal) {
    winsize size{};
    if (ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    // A terminal that does not know its width (a serial line) may have been told it by the user.
    const auto columns = parse_integer<std::size_t>(environment("COLUMNS").value_or(""));
    return columns && *columns > 0 ? *columns : 80;
}

bool wants_colour(bool terminal, ColorMode mode) {
    switch (mode) {
        case ColorMode::always:
            return true;
        case ColorMode::never:
            return false;
        case ColorMode::automatic:
            break;
    }
    return terminal && !environment("NO_COLOR") && environment("TERM") != "dumb";
}

}  // namespace

view::Style style_of(int fd, ColorMode mode) {
    const bool terminal = isatty(fd) == 1;
    return {wants_colour(terminal, mode), terminal ? columns_of(fd) : 0};
}

void write_answer(std::string_view text) {
    // Nobody misses what a reader that has left does not get.
    static_cast<void>(write_stream(text));
}

bool write_stream(std::string_view text) {
    if (write_all(STDOUT_FILENO, text)) return true;
    const int error = errno;
    if (error == EPIPE) return false;
    throw Error(
        ErrorCode::unavailable, "cannot write the answer to standard output: " + errno_text(error),
        "make room there, or give it another place");
}

void write_note(std::string_view text) {
    // There is no third place to tell it.
    static_cast<void>(write_all(STDERR_FILENO, text));
}

void write_answer_to_stderr(std::string_view text) {
    if (write_all(STDERR_FILENO, text) || errno == EPIPE) return;
    throw Error(
        ErrorCode::unavailable, "cannot write to standard error: " + errno_text(errno),
        "make room there, or give it another place");
}

void fill_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // Descriptors are handed out lowest first: this open gets the one that is missing.
        if (fcntl(fd, F_GETFD) < 0)
            static_cast<void>(open(  // NOLINT(cppcoreguidelines-pro-type-vararg)
                "/dev/null", fd == STDIN_FILENO ? O_RDWR : O_RDONLY));
    }
}

}  // namespace atlasjob::cli
