#include "cli/terminal/live_screen.h"

#include "base/file.h"
#include "cli/terminal/progress_bar.h"

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

/// At most so many pictures a second: twenty.
constexpr milliseconds kFrame{50};

constexpr std::string_view kEnterWhole = "\x1b[?1049h\x1b[H\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeaveWhole = "\x1b[?7h\x1b[?25h\x1b[?1049l";
constexpr std::string_view kEnterBelow = "\x1b[?25l\x1b[?7l";
constexpr std::string_view kLeaveBelow = "\x1b[?7h\x1b[?25h";

constexpr std::array kEnding = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// A signal handler reaches nothing else.
struct Terminal {
    volatile sig_atomic_t entered = 0;
    int fd = -1;
    int wake = -1;  ///< A pipe's end: a byte wakes the sleeper.
    bool has_keys = false;
    bool whole = false;
    termios before{};
    termios now{};
};
Terminal terminal;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::array<struct sigaction, kEnding.size()> ending_before;
struct sigaction stopping_before;
struct sigaction resizing_before;
std::array<UniqueFd, 2> wake_pipe;

/// A terminal that takes nothing any more needs nothing put back either.
void put(std::string_view text) {
    [[maybe_unused]] const ssize_t written = write(terminal.fd, text.data(), text.size());
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
    if (terminal.has_keys) tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
}

/// A pipe that is full wakes as well.
void wake_up() {
    [[maybe_unused]] const ssize_t written = write(terminal.wake, "", 1);
}

/// Back into the signal's own course once the terminal is as it was.
void take_course(int signo) {
    struct sigaction plain {};
    plain.sa_handler = SIG_DFL;
    sigaction(signo, &plain, nullptr);
    static_cast<void>(raise(signo));
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signo);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

extern "C" void end_by_signal(int signo) {
    leave();
    if (signo == SIGINT) _exit(kInterrupted);
    take_course(signo);
}

extern "C" void stop_by_signal(int signo) {
    const int saved = errno;
    leave();
    take_course(signo);
    // Here again after fg.
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
    // What is ignored (nohup) stays ignored.
    if (before.sa_handler != SIG_IGN) sigaction(signo, &action, nullptr);
}

/// Keys come one by one and are not shown; Ctrl-C stays a signal. Only for whoever has the terminal
/// to himself: in the background, asking would stop us.
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
    return isatty(fd) == 1 && environment("TERM") != "dumb";
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
    for (std::size_t i = 0; i < kEnding.size(); ++i)
        handle(kEnding.at(i), end_by_signal, ending_before.at(i));
    handle(SIGTSTP, stop_by_signal, stopping_before);
    handle(SIGWINCH, note_resize, resizing_before);
    enter();
}

LiveScreen::~LiveScreen() {
    leave();
    for (std::size_t i = 0; i < kEnding.size(); ++i)
        sigaction(kEnding.at(i), &ending_before.at(i), nullptr);
    sigaction(SIGTSTP, &stopping_before, nullptr);
    sigaction(SIGWINCH, &resizing_before, nullptr);
    wake_pipe = {};
}

void LiveScreen::draw(std::string_view text) {
    // The last line stays free: a line end there would scroll everything up.
    const std::size_t most = std::max<std::size_t>(rows_of(fd_), 2) - 1;
    std::string out = place_ == Place::whole_screen ? "\x1b[H" : "\r";
    if (place_ == Place::below && lines_ > 0)
        out += "\x1b[" + std::to_string(std::min(lines_, most)) + "A";
    lines_ = 0;
    while (!text.empty() && lines_ < most) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += text.substr(0, end);
        out += "\x1b[K\r\n";
        text.remove_prefix(std::min(end + 1, text.size()));
        ++lines_;
    }
    out += "\x1b[J";
    // A terminal that is gone ends this by its keyboard or by SIGHUP; it shows no answer.
    static_cast<void>(write_all(fd_, out));
}

bool LiveScreen::sleep_on(ChangeWatch& bell, milliseconds longest) {
    const auto frame_ends = steady_clock::now() + std::min(kFrame, longest);
    if (!poll_once(bell.fd(), longest)) return false;
    bell.wait(milliseconds{0});
    const auto rest = std::chrono::ceil<milliseconds>(frame_ends - steady_clock::now());
    return rest.count() <= 0 || poll_once(-1, rest);
}

/// False: q was hit.
bool LiveScreen::poll_once(int bell, milliseconds longest) {
    std::array<pollfd, 3> sources = {
        pollfd{wake_pipe[0].get(), POLLIN, 0}, pollfd{reads_keys_ ? STDIN_FILENO : -1, POLLIN, 0},
        pollfd{bell, POLLIN, 0}};
    if (poll(sources.data(), sources.size(), static_cast<int>(longest.count())) <= 0) return true;
    drain(wake_pipe[0].get());
    return sources[1].revents == 0 || read_keys();
}

bool LiveScreen::read_keys() const {
    std::array<char, 64> keys{};
    const ssize_t count = read(STDIN_FILENO, keys.data(), keys.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) return false;  // The terminal is gone.
    const std::string_view hit{keys.data(), static_cast<std::size_t>(count)};
    return hit.find_first_of("qQ") == std::string_view::npos;
}

}  // namespace atlasjob::cli
