#include "process/pseudo_terminal.h"

#include "base/error.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace atlasjob {

namespace {

[[noreturn]] void fail(int error) {
    throw Error(
        ErrorCode::unavailable, fmt::format("cannot make a terminal: {}", errno_text(error)),
        "check that /dev/ptmx and /dev/pts are there, or leave out --tty");
}

}  // namespace

PseudoTerminal open_pseudo_terminal() {
    PseudoTerminal terminal;
    terminal.near = open_file("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (!terminal.near) fail(errno);
    const int near = terminal.near.get();
    std::array<char, 64> path{};
    if (grantpt(near) != 0 || unlockpt(near) != 0) fail(errno);
    if (const int error = ptsname_r(near, path.data(), path.size()); error != 0) fail(error);
    terminal.path = path.data();
    terminal.far = open_file(terminal.path, O_RDWR | O_NOCTTY);
    if (!terminal.far) fail(errno);
    return terminal;
}

}  // namespace atlasjob
