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

namespace {

constexpr winsize kDefaultSize{24, 80, 0, 0};
constexpr std::array<std::size_t, 2> kInterruptKeys{VINTR, VQUIT};

int find_terminal() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (isatty(fd) != 0) return fd;
    }
    return -1;
}

/// True for files and /dev/null, which no event loop can wait for.
bool never_blocks(int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0 || S_ISREG(status.st_mode)) return true;
    return S_ISCHR(status.st_mode) && isatty(fd) == 0;
}

/// Standard input, reopened so that the open file shared with other processes stays blocking.
UniqueFd open_standard_input() {
    UniqueFd input = open_file("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY);
    // A socket cannot be reopened.
    if (!input) input.reset(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    return input;
}

/// Blocks SIGTTOU, which would stop this process if it is in the terminal's background.
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

bool is_ignored(int signo) {
    struct sigaction action {};
    return sigaction(signo, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

bool outputs_are_one() {
    struct stat out {};
    struct stat err {};
    if (fstat(STDOUT_FILENO, &out) != 0 || fstat(STDERR_FILENO, &err) != 0) return false;
    const bool keeps_order = !S_ISCHR(out.st_mode) || isatty(STDOUT_FILENO) != 0;
    return keeps_order && out.st_dev == err.st_dev && out.st_ino == err.st_ino;
}

ForegroundSignals::ForegroundSignals(Loop& loop, const Calls& calls) {
    for (const int signo : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        if (is_ignored(signo)) continue;
        watches_.emplace_back(
            loop, signo, [interrupted = calls.interrupted, signo] { interrupted(signo); });
    }
    for (const int signo : {SIGUSR1, SIGUSR2}) {
        if (is_ignored(signo)) continue;
        watches_.emplace_back(loop, signo, [forward = calls.forward, signo] { forward(signo); });
    }
    if (!is_ignored(SIGTSTP)) watches_.emplace_back(loop, SIGTSTP, calls.suspend);
}

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

KeptFlags::KeptFlags(int fd) : fd_(fd), flags_(fcntl(fd, F_GETFL)) {}

KeptFlags::~KeptFlags() {
    if (flags_ != -1 && fcntl(fd_, F_GETFL) != flags_) fcntl(fd_, F_SETFL, flags_);
}

ForegroundTerminal::ForegroundTerminal(Loop& loop, bool forward_input)
    : loop_(loop), terminal_(open_pseudo_terminal()), user_terminal_(find_terminal()) {
    prepare();
    signals_.emplace_back(loop, SIGWINCH, [this] { follow_size(); });
    if (!forward_input || fcntl(STDIN_FILENO, F_GETFD) == -1) return;
    // While this process was stopped, another may have changed the terminal's modes.
    signals_.emplace_back(loop, SIGCONT, [this] { resume(); });
    writer_.emplace(loop, dup_master(), [this] { resume_typing(); });
    start_typing();
    resume();
}

/// Copies modes and size from the user's terminal. Input that is not from a terminal is not echoed,
/// as nobody typed it.
void ForegroundTerminal::prepare() {
    follow_size();
    const bool is_terminal = isatty(STDIN_FILENO) != 0;
    auto modes = modes_of(is_terminal ? STDIN_FILENO : terminal_.master.get());
    if (!modes) return;
    if (!is_terminal) modes->c_lflag &= ~static_cast<tcflag_t>(ECHO);
    set_modes(terminal_.master.get(), *modes);
}

void ForegroundTerminal::follow_size() const {
    winsize size{};
    if (user_terminal_ < 0 || ioctl(user_terminal_, TIOCGWINSZ, &size) != 0) size = kDefaultSize;
    ioctl(terminal_.master.get(), TIOCSWINSZ, &size);
}

UniqueFd ForegroundTerminal::dup_master() const {
    UniqueFd copy{fcntl(terminal_.master.get(), F_DUPFD_CLOEXEC, 3)};
    if (copy) return copy;
    throw Error(
        ErrorCode::unavailable, "cannot open the pseudo-terminal: " + errno_text(errno),
        "raise the limit on open files (ulimit -n)");
}

void ForegroundTerminal::start_typing() {
    if (never_blocks(STDIN_FILENO)) {
        file_ = open_standard_input();
        type_file();
        return;
    }
    shared_input_.emplace(STDIN_FILENO);
    input_.emplace(
        loop_, open_standard_input(), [this](std::string_view bytes) { type(bytes); },
        [this] { type_end(); });
}

void ForegroundTerminal::resume_typing() {
    if (input_) input_->resume();
    type_file();
}

/// Reads only as fast as the command does.
void ForegroundTerminal::type_file() {
    std::array<char, 4096> buffer{};
    while (file_ && !writer_->congested()) {
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
    writer_->pass(bytes);
    if (writer_->congested() && input_) input_->pause();
}

void ForegroundTerminal::note_interrupt(std::string_view bytes) {
    const auto modes = modes_of(terminal_.master.get());
    if (!modes || !has(*modes, ISIG)) return;
    for (const std::size_t key : kInterruptKeys) {
        const auto character = static_cast<char>(modes->c_cc[key]);
        interrupt_typed_ = interrupt_typed_ || bytes.find(character) != std::string_view::npos;
    }
}

void ForegroundTerminal::type_end() {
    const auto modes = modes_of(terminal_.master.get());
    if (!modes || !has(*modes, ICANON)) return;
    const auto end = static_cast<char>(modes->c_cc[VEOF]);
    // After an unfinished line, the first Ctrl-D only submits the line.
    writer_->pass(std::string(line_open_ ? 2 : 1, end));
}

void ForegroundTerminal::stop() {
    suspend();
    signals_.clear();
    input_.reset();
    shared_input_.reset();
    file_.reset();
    writer_.reset();
}

void ForegroundTerminal::suspend() {
    raw_.reset();
}

void ForegroundTerminal::resume() {
    // Destroyed first, so that the new guard saves the original modes rather than raw mode.
    raw_.reset();
    if (writer_ && isatty(STDIN_FILENO) != 0) raw_.emplace(STDIN_FILENO);
    follow_size();
}

}  // namespace atlasjob
