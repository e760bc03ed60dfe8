#include "cli/terminal/live_screen.h"

#include "base/file.h"
#include "cli/terminal/output.h"
#include "cli/terminal/progress_bar.h"
#include "cli/terminal/terminal_progress.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>

namespace atlasjob::cli {

namespace {

using std::chrono::steady_clock;

/// Shortest time between two redraws: at most 20 per second.
constexpr milliseconds kFrame{50};

constexpr std::string_view kEnterWhole = "\x1b[?1049h\x1b[H\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeaveWhole = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view kEnterBelow = "\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeaveBelow = "\x1b[?7h\x1b[?25h";

constexpr std::array kTerminating = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Global because signal handlers cannot access anything else.
struct Terminal {
    volatile sig_atomic_t entered = 0;
    volatile sig_atomic_t shows_progress = 0;
    int fd = -1;
    int wake = -1;  ///< Write end of a pipe; a byte ends sleep_on.
    bool has_keys = false;
    bool whole = false;
    termios before{};
    termios now{};
};
Terminal terminal;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::array<struct sigaction, kTerminating.size()> ending_before;
struct sigaction stopping_before;
struct sigaction resizing_before;
std::array<UniqueFd, 2> wake_pipe;

/// Write errors are ignored: a terminal that is gone need not be restored. Safe in a signal
/// handler.
void put(std::string_view text) {
    static_cast<void>(write_all(terminal.fd, text));
}

void enter() {
    if (terminal.has_keys) tcsetattr(STDIN_FILENO, TCSANOW, &terminal.now);
    put(terminal.whole ? kEnterWhole : kEnterBelow);
    terminal.entered = 1;
}

void leave() {
    if (terminal.entered == 0) return;
    terminal.entered = 0;
    put(terminal.whole ? kLeaveWhole : kLeaveBelow);
    if (terminal.shows_progress != 0) put(kClearProgress);
    terminal.shows_progress = 0;
    if (terminal.has_keys) tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
}

/// Errors are ignored: a full pipe wakes the reader as well.
void wake_up() {
    [[maybe_unused]] const ssize_t written = write(terminal.wake, "", 1);
}

/// Re-raises the signal with its default action. The terminal has been restored before.
void reraise(int signo) {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    sigaction(signo, &plain, nullptr);
    static_cast<void>(raise(signo));
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signo);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

extern "C" void terminate_by_signal(int signo) {
    leave();
    if (signo == SIGINT) _exit(kInterrupted);
    reraise(signo);
}

extern "C" void stop_by_signal(int signo) {
    const int saved = errno;
    leave();
    reraise(signo);
    // Execution continues here after fg.
    struct sigaction again {};
    again.sa_handler = stop_by_signal;
    sigaction(signo, &again, nullptr);
    enter();
    wake_up();
    errno = saved;
}

extern "C" void note_resize(int /*signo*/) {
    const int saved = errno;
    wake_up();
    errno = saved;
}

void handle(int signo, void (*handler)(int), struct sigaction& before) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigaction(signo, nullptr, &before);
    // Ignored signals (nohup) stay ignored.
    if (before.sa_handler != SIG_IGN) sigaction(signo, &action, nullptr);
}

/// Switches to unbuffered keys without echo; Ctrl-C stays a signal. Only in the foreground, because
/// a background process that does this is stopped.
bool take_keyboard() {
    if (isatty(STDIN_FILENO) != 1 || tcgetpgrp(STDIN_FILENO) != getpgrp()) return false;
    if (tcgetattr(STDIN_FILENO, &terminal.before) != 0) return false;
    terminal.now = terminal.before;
    terminal.now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    terminal.now.c_cc[VMIN] = 0;
    terminal.now.c_cc[VTIME] = 0;
    return true;
}

std::size_t rows_of(int fd) {
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
    return size.ws_row;
}

void drain(int fd) {
    std::array<char, 64> bytes{};
    while (read(fd, bytes.data(), bytes.size()) > 0) {
    }
}

}  // namespace

bool LiveScreen::is_possible(int fd) {
    return has_escape_sequences(fd);
}

LiveScreen::LiveScreen(int fd, Place place) : fd_(fd), place_(place) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
        wake_pipe = {UniqueFd{ends[0]}, UniqueFd{ends[1]}};
    }
    terminal.fd = fd;
    terminal.wake = wake_pipe[1].get();
    terminal.whole = place == Place::whole_screen;
    terminal.has_keys = reads_keys_ = terminal.whole && take_keyboard();
    for (std::size_t i = 0; i < kTerminating.size(); ++i)
        handle(kTerminating.at(i), terminate_by_signal, ending_before.at(i));
    handle(SIGTSTP, stop_by_signal, stopping_before);
    handle(SIGWINCH, note_resize, resizing_before);
    enter();
}

LiveScreen::~LiveScreen() {
    leave();
    for (std::size_t i = 0; i < kTerminating.size(); ++i)
        sigaction(kTerminating.at(i), &ending_before.at(i), nullptr);
    sigaction(SIGTSTP, &stopping_before, nullptr);
    sigaction(SIGWINCH, &resizing_before, nullptr);
    wake_pipe = {};
}

void LiveScreen::draw(std::string_view text) {
    // The last line stays empty, because a line end there would scroll the screen.
    const std::size_t max_lines = std::max<std::size_t>(rows_of(fd_), 2) - 1;
    std::string out = place_ == Place::whole_screen ? "\x1b[H" : "\r";
    if (place_ == Place::below && lines_ > 0)
        out += "\x1b[" + std::to_string(std::min(lines_, max_lines)) + "A";
    lines_ = 0;
    while (!text.empty() && lines_ < max_lines) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += text.substr(0, end);
        out += "\x1b[K\r\n";
        text.remove_prefix(std::min(end + 1, text.size()));
        ++lines_;
    }
    out += "\x1b[J";
    // Write errors are ignored: if the terminal is gone, read_keys or SIGHUP ends the process.
    static_cast<void>(write_all(fd_, out));
}

bool LiveScreen::sleep_on(ChangeWatch& change_watch, milliseconds max_sleep) {
    const auto frame_ends = steady_clock::now() + std::min(kFrame, max_sleep);
    if (!poll_once(change_watch.fd(), max_sleep)) return false;
    change_watch.wait(milliseconds{0});
    const auto rest = std::chrono::ceil<milliseconds>(frame_ends - steady_clock::now());
    return rest.count() <= 0 || poll_once(-1, rest);
}

void LiveScreen::show_progress(std::string_view sequence) {
    // After Ctrl-Z and fg it has to be shown again.
    if (terminal.shows_progress != 0 && sequence == progress_) return;
    progress_ = sequence;
    terminal.shows_progress = 1;  // Before it is shown, so that a signal in between takes it away.
    static_cast<void>(write_all(fd_, sequence));
}

/// Returns false if q was pressed.
bool LiveScreen::poll_once(int change_fd, milliseconds timeout) {
    std::array<pollfd, 3> fds = {
        pollfd{wake_pipe[0].get(), POLLIN, 0}, pollfd{reads_keys_ ? STDIN_FILENO : -1, POLLIN, 0},
        pollfd{change_fd, POLLIN, 0}};
    if (poll(fds.data(), fds.size(), static_cast<int>(timeout.count())) <= 0) return true;
    drain(wake_pipe[0].get());
    return fds[1].revents == 0 || read_keys();
}

bool LiveScreen::read_keys() const {
    std::array<char, 64> keys{};
    const ssize_t count = read(STDIN_FILENO, keys.data(), keys.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;  // The terminal is gone.
    const std::string_view pressed{keys.data(), static_cast<std::size_t>(count)};
    return pressed.find_first_of("qQ") == std::string_view::npos;
}

}  // namespace atlasjob::cli
