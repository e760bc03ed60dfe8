#include "cli/terminal/output.h"

#include "base/error.h"
#include "base/file.h"
#include "base/printable.h"
#include "base/text.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob::cli {

namespace {

std::size_t columns_of(int terminal) {
    winsize size{};
    if (ioctl(terminal, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    // On a terminal that does not know its width (a serial line), users can set COLUMNS.
    const auto columns = parse_integer<std::size_t>(environment("COLUMNS").value_or(""));
    return columns && *columns > 0 ? *columns : 80;
}

bool use_colour(bool terminal, ColorMode mode) {
    switch (mode) {
        case ColorMode::always:
            return true;
        case ColorMode::never:
            return false;
        case ColorMode::automatic:
            break;
    }
    return terminal && !environment("NO_COLOR");
}

}  // namespace

bool has_escape_sequences(int fd) {
    const auto type = environment("TERM");
    return isatty(fd) == 1 && type && *type != "dumb";
}

view::Style style_of(int fd, ColorMode mode) {
    return {use_colour(has_escape_sequences(fd), mode), isatty(fd) == 1 ? columns_of(fd) : 0};
}

void write_answer(std::string_view text) {
    // EPIPE is ignored: the reader did not want the rest.
    static_cast<void>(write_stream(text));
}

bool write_stream(std::string_view text) {
    if (write_all(STDOUT_FILENO, text)) return true;
    const int error = errno;
    if (error == EPIPE) return false;
    throw Error(
        ErrorCode::unavailable, "cannot write the answer to standard output: " + errno_text(error),
        "free some space there, or redirect the output");
}

bool reader_has_left() {
    pollfd out{STDOUT_FILENO, 0, 0};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}

void write_note(std::string_view text) {
    std::string lines;
    for (const std::string_view line : split(text, '\n')) {
        lines += escape_controls(line);
        lines += '\n';
    }
    lines.pop_back();  // split() returns one part more than there are line ends.
    write_unescaped(lines);
}

void write_unescaped(std::string_view text) {
    // There is nowhere left to report a failure.
    static_cast<void>(write_all(STDERR_FILENO, text));
}

void write_answer_to_stderr(std::string_view text) {
    if (write_all(STDERR_FILENO, text) || errno == EPIPE) return;
    throw Error(
        ErrorCode::unavailable, "cannot write to standard error: " + errno_text(errno),
        "free some space there, or redirect the output");
}

void fill_standard_descriptors() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        // open() returns the lowest free descriptor, which is the missing one.
        if (fcntl(fd, F_GETFD) < 0)
            static_cast<void>(open(  // NOLINT(cppcoreguidelines-pro-type-vararg)
                "/dev/null", fd == STDIN_FILENO ? O_RDWR : O_RDONLY));
    }
}

}  // namespace atlasjob::cli
