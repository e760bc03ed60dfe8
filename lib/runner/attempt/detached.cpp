#include "runner/attempt/detached.h"

#include "base/error.h"
#include "base/file.h"
#include "runner/attempt/capture.h"
#include "runner/attempt/command_input.h"
#include "runner/attempt/self_exec.h"

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

/// At its end once the starter holds its child. Nothing is written there.
constexpr int kStarter = 3;
/// What it hands over: words, each with a NUL at its end.
constexpr int kWords = 4;
/// How many of the words stand in argv.
constexpr std::ptrdiff_t kSeenWords = 2;

[[noreturn]] void fail(const std::string& what) {
    throw Error(ErrorCode::unavailable, what + ": " + errno_text(errno));
}

/// One of the child's outputs, read to its end.
struct OutputPipe {
    UniqueFd from;
    std::string& text;

    void take() {
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
            fail("cannot hear of what was started");
        if (ready[0].revents != 0) out.take();
        if (ready[1].revents != 0) err.take();
    }
}

std::string with_ends(std::span<const std::string> words) {
    std::string bytes;
    for (const std::string& word : words)
        bytes.append(word).push_back('\0');
    return bytes;
}

}  // namespace

DetachedStart start_detached(const std::vector<std::string>& words, int input) {
    const auto hidden = words.begin() + kSeenWords;
    const UniqueFd handed = make_sealed(with_ends({hidden, words.end()}), "the job's options");
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    Pipe hold = make_pipe();
    auto started = self_exec(
        {words.begin(), hidden},
        {input, out.write_end.get(), err.write_end.get(), hold.read_end.get(), handed.get()},
        {".", current_umask()});
    if (const auto* failure = std::get_if<SpawnFailure>(&started))
        throw Error(ErrorCode::unavailable, failure->reason);
    DetachedStart start{std::move(std::get<ProcessHandle>(started)), {}, {}};
    out.write_end.reset();
    err.write_end.reset();
    hold.write_end.reset();
    read_to_end({std::move(out.read_end), start.out}, {std::move(err.read_end), start.err});
    return start;
}

std::optional<std::vector<std::string>> handed_over_words() {
    if (!is_sealed(kWords)) return {};
    const UniqueFd handed{kWords};
    const auto bytes = read_file(fmt::format("/proc/self/fd/{}", kWords));
    if (!bytes) fail("cannot read what was handed over");
    std::vector<std::string> words;
    for (std::string_view rest = *bytes; !rest.empty();) {
        const std::size_t end = rest.find('\0');
        words.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return words;
}

void await_starter() {
    const UniqueFd starter{fcntl(kStarter, F_GETFD) == -1 ? -1 : kStarter};
    char nothing = 0;
    while (starter && read(starter.get(), &nothing, 1) < 0 && errno == EINTR) {
    }
}

void leave_starter() {
    const UniqueFd null = open_file("/dev/null", O_RDWR);
    if (!null) fail("cannot open /dev/null");
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (dup2(null.get(), standard) < 0) fail("cannot let go of the standard descriptors");
    if (chdir("/") != 0) fail("cannot leave the current directory");
}

}  // namespace atlasjob
