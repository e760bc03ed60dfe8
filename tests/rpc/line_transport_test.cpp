#include "rpc/line_transport.h"

#include "base/error.h"
#include "base/file.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace atlasjob;
using rpc::LineBuffer;
using rpc::LineTransport;

namespace {

using Lines = std::vector<std::string>;

LineTransport::OnLine collect(Lines& lines) {
    return [&lines](const LineBuffer::Line& line) {
        lines.push_back(line.too_long ? "<too long>" : std::string{line.text});
    };
}

/// A timer: while it is active the transport must run its loop.
class Ticker {
  public:
    Ticker(Loop& loop, int ticks) : ticks_left_(ticks), timer_(loop, [this] { tick(); }) {
        timer_.start(milliseconds{1}, milliseconds{1});
    }

    std::function<void()> at_end = [] {};
    int ticks_left() const { return ticks_left_; }

  private:
    void tick() {
        if (--ticks_left_ > 0) return;
        timer_.stop();
        at_end();
    }

    int ticks_left_;
    Timer timer_;
};

struct Ends {
    UniqueFd ours;
    UniqueFd theirs;
};

Ends socket_pair() {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) == 0);
    return {UniqueFd{fds[0]}, UniqueFd{fds[1]}};
}

Ends pipe_pair() {
    Pipe pipe = make_pipe();
    return {std::move(pipe.read_end), std::move(pipe.write_end)};
}

}  // namespace

TEST_CASE("Lines are read to the end of a pipe, the last one also without a newline") {
    Ends ends = pipe_pair();
    REQUIRE(write_all(ends.theirs.get(), "one\r\n\ntwo\nhalf"));
    ends.theirs.reset();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    transport.run(collect(lines));
    CHECK(lines == Lines{"one", "", "two", "half"});
}

TEST_CASE("A regular file, which epoll refuses, is read with and without other work on the loop") {
    const bool busy = GENERATE(false, true);
    CAPTURE(busy);
    const test::TempDir dir;
    std::ofstream(dir / "requests") << "one\ntwo\n";
    const UniqueFd file = open_file(dir / "requests", O_RDONLY);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, file.get()};
    std::optional<Ticker> ticker;
    if (busy) ticker.emplace(loop, 1000);
    transport.run(collect(lines));
    CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("/dev/null is an empty input") {
    const UniqueFd null = open_file("/dev/null", O_RDONLY);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, null.get()};
    transport.run(collect(lines));
    CHECK(lines.empty());
}

TEST_CASE("Work on the loop goes on while the input is silent, and lines are heard beside it") {
    Ends ends = GENERATE(0, 1) == 0 ? pipe_pair() : socket_pair();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    Ticker ticker{loop, 5};
    // Sent only once the loop has run: a transport that slept in read(2) would never get there.
    ticker.at_end = [&] {
        REQUIRE(write_all(ends.theirs.get(), "after the ticks\n"));
        ends.theirs.reset();
    };
    transport.run(collect(lines));
    CHECK(ticker.ticks_left() == 0);
    CHECK(lines == Lines{"after the ticks"});
}

TEST_CASE("Lines that come while the loop has work are read at once") {
    Ends ends = pipe_pair();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    Ticker ticker{loop, 1'000'000};
    REQUIRE(write_all(ends.theirs.get(), "one\ntwo\n"));
    ends.theirs.reset();
    transport.run(collect(lines));
    CHECK(lines == Lines{"one", "two"});
    CHECK(ticker.ticks_left() > 0);
}

TEST_CASE("The input's flags are left as they were") {
    const int flags = GENERATE(0, O_NONBLOCK);
    Ends ends = pipe_pair();
    REQUIRE(::fcntl(ends.ours.get(), F_SETFL, flags) == 0);
    const int before = ::fcntl(ends.ours.get(), F_GETFL);
    Lines lines;
    {
        Loop loop;
        LineTransport transport{loop, ends.ours.get()};
        Ticker ticker{loop, 2};
        ticker.at_end = [&] { ends.theirs.reset(); };
        transport.run(collect(lines));
    }
    CHECK(::fcntl(ends.ours.get(), F_GETFL) == before);
}

TEST_CASE("A non-blocking input is waited for, not spun on or taken for ended") {
    Ends ends = pipe_pair();
    REQUIRE(::fcntl(ends.ours.get(), F_SETFL, O_NONBLOCK) == 0);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    Ends answers = pipe_pair();
    std::thread other([&] {
        REQUIRE(write_all(ends.theirs.get(), "one\n"));
        char heard = 0;
        REQUIRE(::read(answers.ours.get(), &heard, 1) == 1);
        REQUIRE(write_all(ends.theirs.get(), "two\n"));
        ends.theirs.reset();
    });
    transport.run([&](const LineBuffer::Line& line) {
        lines.emplace_back(line.text);
        REQUIRE(write_all(answers.theirs.get(), "!"));
    });
    other.join();
    CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("A line of 32 MiB is dropped and the next one is read") {
    Ends ends = pipe_pair();
    std::thread other([&] {
        const std::string mebibyte(1 << 20, 'x');
        for (int i = 0; i < 32; ++i)
            REQUIRE(write_all(ends.theirs.get(), mebibyte));
        REQUIRE(write_all(ends.theirs.get(), "\nnext\n"));
        ends.theirs.reset();
    });
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    transport.run(collect(lines));
    other.join();
    CHECK(lines == Lines{"<too long>", "next"});
}

TEST_CASE("Stopping ends the run after the current line") {
    Ends ends = pipe_pair();
    REQUIRE(write_all(ends.theirs.get(), "one\ntwo\n"));
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.ours.get()};
    transport.run([&](const LineBuffer::Line& line) {
        lines.emplace_back(line.text);
        transport.stop();
    });
    CHECK(lines == Lines{"one"});
}

TEST_CASE("An input that cannot be read is told apart from one that ended") {
    const test::TempDir dir;
    const UniqueFd directory = open_file(dir.path(), O_RDONLY);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, directory.get()};
    CHECK_THROWS_AS(transport.run(collect(lines)), Error);
}
