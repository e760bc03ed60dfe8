#include "runner/attempt/detached.h"

#include "base/error.h"
#include "base/file.h"
#include "runner/attempt/capture.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/placed_exec.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

namespace atlasjob {

namespace {

/// A pipe that reaches end of file once the parent has a handle of its child. Never written.
constexpr int kParentPipe = 3;
/// A sealed file with the handed-over arguments, each terminated by NUL.
constexpr int kArgumentsFile = 4;
/// How many of the arguments are in argv.
constexpr std::ptrdiff_t kVisibleArguments = 2;

[[noreturn]] void fail(const std::string& what) {
    throw Error(ErrorCode::unavailable, what + ": " + errno_text(errno));
}

/// One of the child's outputs, read to its end.
struct OutputPipe {
    UniqueFd from;
    std::string& text;

    void read_some() {
        std::array<char, 4096> buffer{};
        const ssize_t count = read(from.get(), buffer.data(), buffer.size());
        if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
        if (count == 0 || (count < 0 && errno != EINTR)) from.reset();
    }
};

void read_to_end(OutputPipe out, OutputPipe err) {
    while (out.from || err.from) {
        std::array<pollfd, 2> ready = {
            pollfd{out.from.get(), POLLIN, 0}, pollfd{err.from.get(), POLLIN, 0}};
        if (poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
            fail("cannot read the output of the new process");
        if (ready[0].revents != 0) out.read_some();
        if (ready[1].revents != 0) err.read_some();
    }
}

std::string join_with_nul(std::span<const std::string> arguments) {
    std::string bytes;
    for (const std::string& argument : arguments)
        bytes.append(argument).push_back('\0');
    return bytes;
}

}  // namespace

DetachedStart start_detached(const std::vector<std::string>& arguments, int input) {
    const auto hidden = arguments.begin() + kVisibleArguments;
    const UniqueFd file =
        make_sealed(join_with_nul({hidden, arguments.end()}), "the job's options");
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    Pipe hold = make_pipe();
    auto started = placed_exec(
        {arguments.begin(), hidden},
        {input, out.write_end.get(), err.write_end.get(), hold.read_end.get(), file.get()},
        {".", current_umask()});
    if (const auto* failure = std::get_if<SpawnFailure>(&started))
        throw Error(ErrorCode::unavailable, failure->reason);
    auto& placed = std::get<PlacedProcess>(started);
    DetachedStart start{std::move(placed.process), {}, {}, placed.lifetime};
    out.write_end.reset();
    err.write_end.reset();
    hold.write_end.reset();
    read_to_end({std::move(out.read_end), start.out}, {std::move(err.read_end), start.err});
    return start;
}

std::optional<std::vector<std::string>> handed_over_arguments() {
    if (!is_sealed(kArgumentsFile)) return {};
    const UniqueFd file{kArgumentsFile};
    const auto bytes = read_file(fmt::format("/proc/self/fd/{}", kArgumentsFile));
    if (!bytes) fail("cannot read the arguments from the parent process");
    std::vector<std::string> arguments;
    for (std::string_view rest = *bytes; !rest.empty();) {
        const std::size_t end = rest.find('\0');
        arguments.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return arguments;
}

void await_parent() {
    const UniqueFd pipe{fcntl(kParentPipe, F_GETFD) == -1 ? -1 : kParentPipe};
    char ignored = 0;
    while (pipe && read(pipe.get(), &ignored, 1) < 0 && errno == EINTR) {
    }
}

void leave_parent() {
    const UniqueFd null = open_file("/dev/null", O_RDWR);
    if (!null) fail("cannot open /dev/null");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (dup2(null.get(), standard) < 0) fail("cannot close the standard descriptors");
    if (chdir("/") != 0) fail("cannot change to /");
}

}  // namespace atlasjob
