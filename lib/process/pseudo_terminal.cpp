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
        ErrorCode::unavailable,
        fmt::format("cannot create a pseudo-terminal: {}", errno_text(error)),
        "check that /dev/ptmx and /dev/pts exist, or run without --tty");
}

}  // namespace

PseudoTerminal open_pseudo_terminal() {
    PseudoTerminal terminal;
    terminal.master = open_file("/dev/ptmx", O_RDWR | O_NOCTTY);
    if (!terminal.master) fail(errno);
    const int master = terminal.master.get();
    std::array<char, 64> path{};
    if (grantpt(master) != 0 || unlockpt(master) != 0) fail(errno);
    if (const int error = ptsname_r(master, path.data(), path.size()); error != 0) fail(error);
    terminal.path = path.data();
    terminal.slave = open_file(terminal.path, O_RDWR | O_NOCTTY);
    if (!terminal.slave) fail(errno);
    return terminal;
}

}  // namespace atlasjob
