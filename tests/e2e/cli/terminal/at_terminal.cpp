#include "e2e/cli/terminal/at_terminal.h"

#include "base/error.h"
#include "support/places.h"

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

constexpr int kMaxSilenceMs = 120'000;

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
    const std::vector<std::string>& words,
    std::size_t rows,
    std::size_t columns)
    : screen_(rows, columns) {
    std::vector<std::string> argv = {kProgram};
    argv.insert(argv.end(), words.begin(), words.end());
    start(sandbox, std::move(argv), size_of(rows, columns));
}

AtTerminal::AtTerminal(const Sandbox& sandbox, const Script& script) : screen_(24, 80) {
    const std::string named = fmt::format("atlasjob='{}'\nset -m\n{}", kProgram, script.text);
    start(sandbox, {"/bin/bash", "-c", named}, size_of(24, 80));
}

void AtTerminal::start(const Sandbox& sandbox, std::vector<std::string> argv, const winsize& size) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : sandbox.environment())
        variables.push_back(name + "=" + value);
    variables.emplace_back("TERM=xterm");
    const auto arguments = pointers_to(argv);
    const auto environment = pointers_to(variables);
    int near = -1;
    int far = -1;
    if (openpty(&near, &far, nullptr, nullptr, &size) != 0)
        throw std::runtime_error("cannot make a terminal: " + errno_text(errno));
    near_ = UniqueFd{near};
    far_ = UniqueFd{far};
    fcntl(near, F_SETFD, FD_CLOEXEC);
    fcntl(far, F_SETFD, FD_CLOEXEC);
    before_ = settings();
    pid_ = fork();
    if (pid_ == 0) {
        if (login_tty(far) != 0) _exit(120);
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
    if (tcgetattr(far_.get(), &settings) != 0) throw std::runtime_error("no line settings");
    return settings;
}

bool AtTerminal::is_as_before() const {
    const termios now = settings();
    return now.c_iflag == before_.c_iflag && now.c_oflag == before_.c_oflag
           && now.c_cflag == before_.c_cflag && now.c_lflag == before_.c_lflag
           && std::memcmp(now.c_cc, before_.c_cc, sizeof now.c_cc) == 0;
}

/// Reads what has been written since; false when there is no more to come.
bool AtTerminal::read_more() {
    const UniqueFd process{static_cast<int>(syscall(SYS_pidfd_open, pid_, 0))};
    std::array<pollfd, 2> sources = {
        pollfd{near_.get(), POLLIN, 0}, pollfd{process.get(), POLLIN, 0}};
    if (poll(sources.data(), sources.size(), kMaxSilenceMs) == 0)
        throw std::runtime_error("a program under test has hung; it wrote: " + written_);
    if ((sources[0].revents & POLLIN) == 0) return false;  // It has ended.
    std::array<char, 4096> bytes{};
    const ssize_t count = read(near_.get(), bytes.data(), bytes.size());
    if (count <= 0) return false;
    written_.append(bytes.data(), static_cast<std::size_t>(count));
    screen_.feed({bytes.data(), static_cast<std::size_t>(count)});
    return true;
}

bool AtTerminal::until(const std::function<bool(const TerminalScreen&)>& is_so) {
    while (!is_so(screen_)) {
        if (!read_more()) return is_so(screen_);
    }
    return true;
}

void AtTerminal::type(std::string_view keys) const {
    static_cast<void>(write_all(near_.get(), keys));
}

void AtTerminal::resize(std::size_t rows, std::size_t columns) {
    screen_.resize(rows, columns);
    const winsize size = size_of(rows, columns);
    ioctl(near_.get(), TIOCSWINSZ, &size);
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
