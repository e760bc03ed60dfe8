#include "e2e/cli/terminal/at_terminal.h"

#include "base/error.h"
#include "support/places.h"
#include "support/timeout.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace atlasjob::test {

namespace {

winsize size_of(std::size_t rows, std::size_t columns) {
    winsize size{};
    size.ws_row = static_cast<unsigned short>(rows);
    size.ws_col = static_cast<unsigned short>(columns);
    return size;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

AtTerminal::AtTerminal(
    const Sandbox& sandbox,
    const std::vector<std::string>& args,
    std::size_t rows,
    std::size_t columns)
    : screen_(rows, columns) {
    std::vector<std::string> argv = {kProgram};
    argv.insert(argv.end(), args.begin(), args.end());
    start(sandbox, std::move(argv), size_of(rows, columns));
}

AtTerminal::AtTerminal(const Sandbox& sandbox, const Script& script) : screen_(24, 80) {
    const std::string text = fmt::format("atlasjob='{}'\nset -m\n{}", kProgram, script.text);
    start(sandbox, {"/bin/bash", "-c", text}, size_of(24, 80));
}

void AtTerminal::start(const Sandbox& sandbox, std::vector<std::string> argv, const winsize& size) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : sandbox.environment())
        variables.push_back(name + "=" + value);
    variables.emplace_back("TERM=xterm");
    const auto arguments = pointers_to(argv);
    const auto environment = pointers_to(variables);
    int master = -1;
    int slave = -1;
    if (openpty(&master, &slave, nullptr, nullptr, &size) != 0)
        throw std::runtime_error("cannot open a pseudo-terminal: " + errno_text(errno));
    master_ = UniqueFd{master};
    slave_ = UniqueFd{slave};
    fcntl(master, F_SETFD, FD_CLOEXEC);
    fcntl(slave, F_SETFD, FD_CLOEXEC);
    initial_settings_ = settings();
    pid_ = fork();
    if (pid_ == 0) {
        if (login_tty(slave) != 0) _exit(120);
        execve(arguments[0], arguments.data(), environment.data());
        _exit(121);
    }
}

AtTerminal::~AtTerminal() {
    if (ended_) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
}

termios AtTerminal::settings() const {
    termios settings{};
    if (tcgetattr(slave_.get(), &settings) != 0)
        throw std::runtime_error("cannot read the terminal's settings");
    return settings;
}

bool AtTerminal::has_initial_settings() const {
    const termios now = settings();
    const termios& initial = initial_settings_;
    return now.c_iflag == initial.c_iflag && now.c_oflag == initial.c_oflag
           && now.c_cflag == initial.c_cflag && now.c_lflag == initial.c_lflag
           && std::memcmp(now.c_cc, initial.c_cc, sizeof now.c_cc) == 0;
}

/// Reads new output; returns false once the program has exited.
bool AtTerminal::read_more() {
    const UniqueFd process{static_cast<int>(syscall(SYS_pidfd_open, pid_, 0))};
    std::array<pollfd, 2> streams = {
        pollfd{master_.get(), POLLIN, 0}, pollfd{process.get(), POLLIN, 0}};
    if (poll(streams.data(), streams.size(), kTimeoutMs) == 0)
        throw std::runtime_error("a program under test hung; output: " + written_);
    if ((streams[0].revents & POLLIN) == 0) return false;  // It has exited.
    std::array<char, 4096> bytes{};
    const ssize_t count = read(master_.get(), bytes.data(), bytes.size());
    if (count <= 0) return false;
    written_.append(bytes.data(), static_cast<std::size_t>(count));
    screen_.feed({bytes.data(), static_cast<std::size_t>(count)});
    return true;
}

bool AtTerminal::wait_until(const std::function<bool(const TerminalScreen&)>& condition) {
    while (!condition(screen_)) {
        if (!read_more()) return condition(screen_);
    }
    return true;
}

void AtTerminal::type(std::string_view keys) const {
    static_cast<void>(write_all(master_.get(), keys));
}

void AtTerminal::resize(std::size_t rows, std::size_t columns) {
    screen_.resize(rows, columns);
    const winsize size = size_of(rows, columns);
    ioctl(master_.get(), TIOCSWINSZ, &size);
}

void AtTerminal::signal(int number) const {
    kill(pid_, number);
}

int AtTerminal::wait() {
    while (read_more()) {
    }
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace atlasjob::test
