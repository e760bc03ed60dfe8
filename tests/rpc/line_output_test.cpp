#include "base/file.h"
#include "rpc/line_transport.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <future>
#include <string>

using namespace atlasjob;

namespace {

std::string read_to_end(int fd) {
    std::string all;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t count = ::read(fd, piece.data(), piece.size());
        if (count <= 0) return all;
        all.append(piece.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

TEST_CASE("a message larger than the pipe buffer arrives whole") {
    const bool non_blocking = GENERATE(false, true);
    CAPTURE(non_blocking);
    Pipe pipe = make_pipe();
    if (non_blocking) REQUIRE(::fcntl(pipe.write_end.get(), F_SETFL, O_NONBLOCK) == 0);
    const std::string message(3'000'000, 'm');
    auto received =
        std::async(std::launch::async, [&] { return read_to_end(pipe.read_end.get()); });
    rpc::LineOutput output{pipe.write_end.get()};
    output.send(message);
    output.send("end\n");
    CHECK(output.open());
    pipe.write_end.reset();
    CHECK(received.get() == message + "end\n");
}

TEST_CASE("a client that closed the pipe is not a failure") {
    rpc::ignore_broken_pipes();
    Pipe pipe = make_pipe();
    pipe.read_end.reset();
    rpc::LineOutput output{pipe.write_end.get()};
    output.send("anybody?\n");
    CHECK_FALSE(output.open());
    CHECK(output.failure() == 0);
    output.send("still nobody\n");
    CHECK_FALSE(output.open());
}

TEST_CASE("a failed write keeps its errno") {
    const UniqueFd full = open_file("/dev/full", O_WRONLY);
    REQUIRE(full);
    rpc::LineOutput output{full.get()};
    output.send("text\n");
    CHECK_FALSE(output.open());
    CHECK(output.failure() == ENOSPC);
}
