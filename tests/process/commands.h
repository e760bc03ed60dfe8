#pragma once

#include "base/file.h"
#include "process/spawn.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace atlasjob::test {

/// A request with the test's own PATH, standard input from /dev/null and output to `out`.
inline SpawnRequest request_for(std::vector<std::string> argv, int out) {
    static const UniqueFd null_device = open_file("/dev/null", O_RDWR);
    SpawnRequest request;
    request.argv = std::move(argv);
    request.environment = {"PATH=" + environment("PATH").value_or("/usr/bin:/bin")};
    request.cwd = "/";
    request.descriptors = {null_device.get(), out, out};
    return request;
}

inline ProcessHandle require_spawned(const SpawnRequest& request) {
    auto result = spawn(request);
    if (const auto* failure = std::get_if<SpawnFailure>(&result)) FAIL(failure->reason);
    return std::move(std::get<ProcessHandle>(result));
}

inline SpawnFailure require_failure(const SpawnRequest& request) {
    auto result = spawn(request);
    REQUIRE(std::holds_alternative<SpawnFailure>(result));
    return std::get<SpawnFailure>(result);
}

/// Waits for the exit of a child, reaps it and returns its exit status.
inline ExitStatus require_end(const ProcessHandle& child) {
    REQUIRE(await_end({&child, 1}, kTimeoutMs));
    const auto status = ended(child);
    REQUIRE(status.has_value());
    reap(child.pid);
    return *status;
}

/// Reads to the end of file or, with `stop`, up to and including that character.
inline std::string read_until(int fd, std::optional<char> stop = {}) {
    std::string text;
    for (;;) {
        pollfd waiting{fd, POLLIN, 0};
        REQUIRE(poll(&waiting, 1, kTimeoutMs) == 1);
        char c = 0;
        const ssize_t count = read(fd, &c, 1);
        REQUIRE(count >= 0);
        if (count == 0) return text;
        text += c;
        if (stop && c == *stop) return text;
    }
}

/// Runs a command to its end and returns its output.
inline std::string output_of(SpawnRequest request) {
    Pipe pipe = make_pipe();
    request.descriptors[1] = pipe.write_end.get();
    const ProcessHandle child = require_spawned(request);
    pipe.write_end.reset();
    std::string text = read_until(pipe.read_end.get());
    CHECK(require_end(child) == ExitStatus::exited(0));
    return text;
}

}  // namespace atlasjob::test
