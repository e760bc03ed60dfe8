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

TEST_CASE("What is passed on arrives at once while the reader keeps up") {
    Loop loop;
    const Pipe pipe = make_pipe();
    NonBlockingWriter outlet{loop, pipe.write_end.get(), [] {}};
    outlet.pass("a\n");
    outlet.pass(std::string{"\0\xff", 2});
    CHECK_FALSE(outlet.congested());
    CHECK(read_available(pipe.read_end.get()) == std::string{"a\n\0\xff", 4});
    CHECK(is_blocking(pipe.write_end.get()));
}

TEST_CASE("A slow reader gets everything in order, and nobody waits for it") {
    Loop loop;
    const Pipe pipe = make_pipe();
    std::string sent;
    std::string got;
    bool drained = false;
    NonBlockingWriter outlet{loop, pipe.write_end.get(), [&] { drained = true; }};
    for (int i = 0; i < 3; ++i) {
        const std::string block(100'000, static_cast<char>('a' + i));
        outlet.pass(block);
        sent += block;
    }
    CHECK(outlet.congested());
    FdWatch reader{loop, pipe.read_end.get(), FdWatch::Ready::readable, [&] {
                       got += read_available(pipe.read_end.get());
                       if (got.size() == sent.size() && drained) loop.stop();
                   }};
    Timer last_look{loop, [&] {
                        if (drained && got.size() == sent.size()) loop.stop();
                    }};
    last_look.start(milliseconds{1}, milliseconds{1});
    loop.run();
    CHECK(got == sent);
    CHECK_FALSE(outlet.congested());
}

TEST_CASE("A reader that goes away ends the passing on, not us") {
    const BrokenPipesIgnored ignored;
    Loop loop;
    Pipe pipe = make_pipe();
    bool drained = false;
    NonBlockingWriter outlet{loop, pipe.write_end.get(), [&] {
                                 drained = true;
                                 loop.stop();
                             }};
    outlet.pass(std::string(200'000, 'x'));
    CHECK(outlet.congested());
    pipe.read_end.reset();
    loop.run();
    CHECK(drained);
    outlet.pass("more");
    CHECK_FALSE(outlet.congested());
    CHECK(outlet.failure() == 0);
}

TEST_CASE("A descriptor that the caller closed fails once something should go there") {
    Loop loop;
    const int closed = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
    close(closed);
    NonBlockingWriter outlet{loop, closed, [] {}};
    outlet.pass("");
    CHECK(outlet.failure() == 0);
    outlet.pass("x");
    CHECK(outlet.failure() == EBADF);
    CHECK_FALSE(outlet.congested());
}

TEST_CASE("An output that is full is told as a failure, and nothing more is passed on") {
    Loop loop;
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    REQUIRE(full);
    NonBlockingWriter outlet{loop, full.get(), [] {}};
    CHECK(outlet.failure() == 0);
    outlet.pass("x");
    CHECK(outlet.failure() == ENOSPC);
    outlet.pass("more");
    CHECK_FALSE(outlet.congested());
    CHECK(outlet.failure() == ENOSPC);
}

TEST_CASE("An output that we have closed ourselves has not failed") {
    Loop loop;
    const UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    NonBlockingWriter outlet{loop, full.get(), [] {}};
    outlet.close();
    outlet.pass("x");
    CHECK(outlet.failure() == 0);
}

TEST_CASE("A terminal that was hung up is a reader that went away") {
    Loop loop;
    PseudoTerminal terminal = open_pseudo_terminal();
    const UniqueFd far{open(terminal.path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
    REQUIRE(far);
    NonBlockingWriter outlet{loop, far.get(), [] {}};
    outlet.pass("x");
    terminal.master.reset();
    outlet.pass("y");
    CHECK(outlet.failure() == 0);
    outlet.pass("z");
    CHECK(outlet.failure() == 0);
}

TEST_CASE("A socket is given back as it was") {
    Loop loop;
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const UniqueFd ours{ends[0]};
    const UniqueFd theirs{ends[1]};
    {
        NonBlockingWriter outlet{loop, ours.get(), [] {}};
        outlet.pass("hello");
        CHECK(read_available(theirs.get()) == "hello");
    }
    CHECK(is_blocking(ours.get()));
}

TEST_CASE("A regular file is written where the caller's position is") {
    Loop loop;
    const UniqueFd file{open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    REQUIRE(write_all(file.get(), "before "));
    NonBlockingWriter outlet{loop, file.get(), [] {}};
    outlet.pass("after");
    std::array<char, 32> text{};
    REQUIRE(pread(file.get(), text.data(), text.size(), 0) == 12);
    CHECK(std::string_view{text.data(), 12} == "before after");
}

}  // namespace atlasjob
