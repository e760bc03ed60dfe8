#include "runner/attempt/nonblocking_writer.h"

#include "process/pseudo_terminal.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace atlasjob {

namespace {

std::string read_available(int fd) {
    std::string text(1 << 20, '\0');
    const ssize_t count = read(fd, text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
}

bool is_blocking(int fd) {
    return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
}

}  // namespace

TEST_CASE("output arrives at once while the reader keeps up") {
    Loop loop;
    const Pipe pipe = make_pipe();
    NonBlockingWriter writer{loop, pipe.write_end.get(), [] {}};
    writer.pass("a\n");
    writer.pass(std::string{"\0\xff", 2});
    CHECK_FALSE(writer.congested());
    CHECK(read_available(pipe.read_end.get()) == std::string{"a\n\0\xff", 4});
    CHECK(is_blocking(pipe.write_end.get()));
}

TEST_CASE("a slow reader gets everything in order without blocking the writer") {
    Loop loop;
    const Pipe pipe = make_pipe();
    std::string sent;
    std::string got;
    bool drained = false;
    NonBlockingWriter writer{loop, pipe.write_end.get(), [&] { drained = true; }};
    for (int i = 0; i < 3; ++i) {
        const std::string block(100'000, static_cast<char>('a' + i));
        writer.pass(block);
        sent += block;
    }
    CHECK(writer.congested());
    FdWatch reader{loop, pipe.read_end.get(), FdWatch::Ready::readable, [&] {
                       got += read_available(pipe.read_end.get());
                       if (got.size() == sent.size() && drained) loop.stop();
                   }};
    Timer final_check{loop, [&] {
                          if (drained && got.size() == sent.size()) loop.stop();
                      }};
    final_check.start(milliseconds{1}, milliseconds{1});
    loop.run();
    CHECK(got == sent);
    CHECK_FALSE(writer.congested());
}

TEST_CASE("EPIPE stops writing without failure") {
    const BrokenPipesIgnored ignored;
    Loop loop;
    Pipe pipe = make_pipe();
    bool drained = false;
    NonBlockingWriter writer{loop, pipe.write_end.get(), [&] {
                                 drained = true;
                                 loop.stop();
                             }};
    writer.pass(std::string(200'000, 'x'));
    CHECK(writer.congested());
    pipe.read_end.reset();
    loop.run();
    CHECK(drained);
    writer.pass("more");
    CHECK_FALSE(writer.congested());
    CHECK(writer.failure() == 0);
}

TEST_CASE("a descriptor closed by the caller fails on the first write") {
    Loop loop;
    const int closed = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
    close(closed);
    NonBlockingWriter writer{loop, closed, [] {}};
    writer.pass("");
    CHECK(writer.failure() == 0);
    writer.pass("x");
    CHECK(writer.failure() == EBADF);
    CHECK_FALSE(writer.congested());
}

TEST_CASE("a full output is reported as failure and stops writing") {
    Loop loop;
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    REQUIRE(full);
    NonBlockingWriter writer{loop, full.get(), [] {}};
    CHECK(writer.failure() == 0);
    writer.pass("x");
    CHECK(writer.failure() == ENOSPC);
    writer.pass("more");
    CHECK_FALSE(writer.congested());
    CHECK(writer.failure() == ENOSPC);
}

TEST_CASE("an output closed by the writer itself has not failed") {
    Loop loop;
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    NonBlockingWriter writer{loop, full.get(), [] {}};
    writer.close();
    writer.pass("x");
    CHECK(writer.failure() == 0);
}

TEST_CASE("a terminal that was hung up counts as a closed reader") {
    Loop loop;
    PseudoTerminal terminal = open_pseudo_terminal();
    const UniqueFd far{open(terminal.path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    REQUIRE(far);
    NonBlockingWriter writer{loop, far.get(), [] {}};
    writer.pass("x");
    terminal.master.reset();
    writer.pass("y");
    CHECK(writer.failure() == 0);
    writer.pass("z");
    CHECK(writer.failure() == 0);
}

TEST_CASE("a socket is restored to blocking mode") {
    Loop loop;
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const UniqueFd local{ends[0]};
    const UniqueFd peer{ends[1]};
    {
        NonBlockingWriter writer{loop, local.get(), [] {}};
        writer.pass("hello");
        CHECK(read_available(peer.get()) == "hello");
    }
    CHECK(is_blocking(local.get()));
}

TEST_CASE("a regular file is written at the caller's position") {
    Loop loop;
    const UniqueFd file{open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    REQUIRE(write_all(file.get(), "before "));
    NonBlockingWriter writer{loop, file.get(), [] {}};
    writer.pass("after");
    std::array<char, 32> text{};
    REQUIRE(pread(file.get(), text.data(), text.size(), 0) == 12);
    CHECK(std::string_view{text.data(), 12} == "before after");
}

}  // namespace atlasjob
