#include "runner/attempt/foreground.h"

#include "base/error.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace atlasjob {

bool is_ignored(int signo) {
    struct sigaction action {};
    return sigaction(signo, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

ForegroundSignals::ForegroundSignals(Loop& loop, const Calls& calls) {
    for (const int signo : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        if (is_ignored(signo)) continue;
        watches_.emplace_back(
            loop, signo, [interrupted = calls.interrupted, signo] { interrupted(signo); });
    }
    if (!is_ignored(SIGTSTP)) watches_.emplace_back(loop, SIGTSTP, calls.asked_to_stop);
}

namespace {

constexpr winsize kUsualSize{24, 80, 0, 0};
constexpr std::array<std::size_t, 2> kInterruptKeys{VINTR, VQUIT};

int find_terminal() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (isatty(fd) != 0) return fd;
    }
    return -1;
}

/// Files and /dev/null, which no event loop can wait for.
bool never_waits(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return true;
    return S_ISCHR(status.st_mode) && isatty(fd) == 0;
}

/// Our standard input, to be read without making the caller's open file non-blocking.
UniqueFd open_standard_input() {
    UniqueFd input = open_file("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY);
    // A socket cannot be opened anew.
    if (!input) input.reset(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    return input;
}

/// Changing a terminal from its background would stop us: the signal for that is held back.
void set_modes(int terminal, const termios& modes) {
    sigset_t stops;
    sigset_t before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    tcsetattr(terminal, TCSANOW, &modes);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::optional<termios> modes_of(int terminal) {
    termios modes{};
    if (tcgetattr(terminal, &modes) != 0) return {};
    return modes;
}

bool has(const termios& modes, tcflag_t local_mode) {
    return (modes.c_lflag & local_mode) != 0;
}

}  // namespace

RawMode::RawMode(int terminal) : terminal_(terminal) {
    if (tcgetpgrp(terminal) != getpgrp()) return;
    before_ = modes_of(terminal);
    if (!before_) return;
    termios raw = *before_;
    cfmakeraw(&raw);
    set_modes(terminal, raw);
}

RawMode::~RawMode() {
    if (before_) set_modes(terminal_, *before_);
}

ForegroundTerminal::ForegroundTerminal(Loop& loop, bool typed)
    : loop_(loop), terminal_(open_pseudo_terminal()), own_(find_terminal()) {
    prepare();
    signals_.emplace_back(loop, SIGWINCH, [this] { follow_size(); });
    if (!typed || fcntl(STDIN_FILENO, F_GETFD) == -1) return;
    // Whoever stopped us may have changed our terminal.
    signals_.emplace_back(loop, SIGCONT, [this] { resume(); });
    typed_.emplace(loop, dup_near(), [this] { go_on_typing(); });
    begin_typing();
    resume();
}

/// Modes and size as ours. What comes from no terminal is not echoed: nobody typed it.
void ForegroundTerminal::prepare() {
    follow_size();
    const bool ours = isatty(STDIN_FILENO) != 0;
    auto modes = modes_of(ours ? STDIN_FILENO : terminal_.near.get());
    if (!modes) return;
    if (!ours) modes->c_lflag &= ~static_cast<tcflag_t>(ECHO);
    set_modes(terminal_.near.get(), *modes);
}

void ForegroundTerminal::follow_size() const {
    winsize size{};
    if (own_ < 0 || ioctl(own_, TIOCGWINSZ, &size) != 0) size = kUsualSize;
    ioctl(terminal_.near.get(), TIOCSWINSZ, &size);
}

UniqueFd ForegroundTerminal::dup_near() const {
    UniqueFd copy{fcntl(terminal_.near.get(), F_DUPFD_CLOEXEC, 3)};
    if (copy) return copy;
    throw Error(
        ErrorCode::unavailable, "cannot use a terminal: " + errno_text(errno),
        "allow more open files (ulimit -n)");
}

void ForegroundTerminal::begin_typing() {
    if (never_waits(STDIN_FILENO)) {
        file_ = open_standard_input();
        type_file();
        return;
    }
    input_.emplace(
        loop_, open_standard_input(), [this](std::string_view bytes) { type(bytes); },
        [this] { type_end(); });
}

void ForegroundTerminal::go_on_typing() {
    if (input_) input_->resume();
    type_file();
}

/// What the command takes sets the pace.
void ForegroundTerminal::type_file() {
    std::array<char, 4096> buffer{};
    while (file_ && !typed_->congested()) {
        const ssize_t count = read(file_.get(), buffer.data(), buffer.size());
        if (count > 0) {
            type({buffer.data(), static_cast<std::size_t>(count)});
        } else {
            file_.reset();
            type_end();
        }
    }
}

void ForegroundTerminal::type(std::string_view bytes) {
    note_interrupt(bytes);
    line_open_ = bytes.back() != '\n';
    typed_->pass(bytes);
    if (typed_->congested() && input_) input_->pause();
}

void ForegroundTerminal::note_interrupt(std::string_view bytes) {
    const auto modes = modes_of(terminal_.near.get());
    if (!modes || !has(*modes, ISIG)) return;
    for (const std::size_t key : kInterruptKeys) {
        const auto character = static_cast<char>(modes->c_cc[key]);
        interrupt_typed_ = interrupt_typed_ || bytes.find(character) != std::string_view::npos;
    }
}

void ForegroundTerminal::type_end() {
    const auto modes = modes_of(terminal_.near.get());
    if (!modes || !has(*modes, ICANON)) return;
    const auto end = static_cast<char>(modes->c_cc[VEOF]);
    // The first one only hands over a line that has not ended.
    typed_->pass(std::string(line_open_ ? 2 : 1, end));
}

void ForegroundTerminal::stop() {
    suspend();
    signals_.clear();
    input_.reset();
    file_.reset();
    typed_.reset();
}

void ForegroundTerminal::suspend() {
    raw_.reset();
}

void ForegroundTerminal::resume() {
    // Set back first: what is there now is not what to go back to in the end.
    raw_.reset();
    if (typed_ && isatty(STDIN_FILENO) != 0) raw_.emplace(STDIN_FILENO);
    follow_size();
}

}  // namespace atlasjob
