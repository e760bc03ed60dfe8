#include "rpc/line_transport.h"

#include "base/error.h"
#include "base/file.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace atlasjob;
using rpc::LineBuffer;
using rpc::LineTransport;

namespace {

using Lines = std::vector<std::string>;

/// Collects the lines, and calls `then` after each.
class Collector final : public rpc::LineReceiver {
  public:
    explicit Collector(
        Lines& lines, std::function<void()> then = [] {})
        : lines_(lines), then_(std::move(then)) {}

    void receive(const LineBuffer::Line& line) override {
        lines_.push_back(line.too_long ? "<too long>" : std::string{line.text});
        then_();
    }

  private:
    Lines& lines_;
    std::function<void()> then_;
};

void collect(
    LineTransport& transport, Lines& lines, std::function<void()> then = [] {}) {
    Collector collector{lines, std::move(then)};
    transport.run(collector);
}

/// A timer on the loop: the transport must keep running the loop while it is active.
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
    UniqueFd read_end;   ///< Read by the transport.
    UniqueFd write_end;  ///< Written by the test, as the peer.
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

TEST_CASE("lines are read to the end of a pipe, including a last one without a newline") {
    Ends ends = pipe_pair();
    REQUIRE(write_all(ends.write_end.get(), "one\r\n\ntwo\nhalf"));
    ends.write_end.reset();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    collect(transport, lines);
    CHECK(lines == Lines{"one", "", "two", "half"});
}

TEST_CASE("a regular file, which epoll refuses, is read with and without other work on the loop") {
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
    collect(transport, lines);
    CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("reading /dev/null yields no lines") {
    const UniqueFd null = open_file("/dev/null", O_RDONLY);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, null.get()};
    collect(transport, lines);
    CHECK(lines.empty());
}

TEST_CASE("the loop keeps running while the input is silent, and lines still arrive") {
    Ends ends = GENERATE(0, 1) == 0 ? pipe_pair() : socket_pair();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    Ticker ticker{loop, 5};
    // Sent only once the loop has run: a transport that blocks in read(2) would never get there.
    ticker.at_end = [&] {
        REQUIRE(write_all(ends.write_end.get(), "after the ticks\n"));
        ends.write_end.reset();
    };
    collect(transport, lines);
    CHECK(ticker.ticks_left() == 0);
    CHECK(lines == Lines{"after the ticks"});
}

TEST_CASE("lines that arrive while the loop is busy are read at once") {
    Ends ends = pipe_pair();
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    Ticker ticker{loop, 1'000'000};
    REQUIRE(write_all(ends.write_end.get(), "one\ntwo\n"));
    ends.write_end.reset();
    collect(transport, lines);
    CHECK(lines == Lines{"one", "two"});
    CHECK(ticker.ticks_left() > 0);
}

TEST_CASE("the input's file status flags are restored") {
    const int flags = GENERATE(0, O_NONBLOCK);
    Ends ends = pipe_pair();
    REQUIRE(::fcntl(ends.read_end.get(), F_SETFL, flags) == 0);
    const int before = ::fcntl(ends.read_end.get(), F_GETFL);
    Lines lines;
    {
        Loop loop;
        LineTransport transport{loop, ends.read_end.get()};
        Ticker ticker{loop, 2};
        ticker.at_end = [&] { ends.write_end.reset(); };
        collect(transport, lines);
    }
    CHECK(::fcntl(ends.read_end.get(), F_GETFL) == before);
}

TEST_CASE("a non-blocking input without data is neither polled in a loop nor treated as ended") {
    Ends ends = pipe_pair();
    REQUIRE(::fcntl(ends.read_end.get(), F_SETFL, O_NONBLOCK) == 0);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    Ends answers = pipe_pair();
    std::thread peer([&] {
        REQUIRE(write_all(ends.write_end.get(), "one\n"));
        char acknowledged = 0;
        REQUIRE(::read(answers.read_end.get(), &acknowledged, 1) == 1);
        REQUIRE(write_all(ends.write_end.get(), "two\n"));
        ends.write_end.reset();
    });
    collect(transport, lines, [&] { REQUIRE(write_all(answers.write_end.get(), "!")); });
    peer.join();
    CHECK(lines == Lines{"one", "two"});
}

TEST_CASE("a line of 32 MiB is dropped and the next one is read") {
    Ends ends = pipe_pair();
    std::thread peer([&] {
        const std::string mebibyte(1 << 20, 'x');
        for (int i = 0; i < 32; ++i)
            REQUIRE(write_all(ends.write_end.get(), mebibyte));
        REQUIRE(write_all(ends.write_end.get(), "\nnext\n"));
        ends.write_end.reset();
    });
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    collect(transport, lines);
    peer.join();
    CHECK(lines == Lines{"<too long>", "next"});
}

TEST_CASE("stop returns from run after the current line") {
    Ends ends = pipe_pair();
    REQUIRE(write_all(ends.write_end.get(), "one\ntwo\n"));
    Lines lines;
    Loop loop;
    LineTransport transport{loop, ends.read_end.get()};
    collect(transport, lines, [&] { transport.stop(); });
    CHECK(lines == Lines{"one"});
}

TEST_CASE("a read error throws, unlike the end of the input") {
    const test::TempDir dir;
    const UniqueFd directory = open_file(dir.path(), O_RDONLY);
    Lines lines;
    Loop loop;
    LineTransport transport{loop, directory.get()};
    CHECK_THROWS_AS(collect(transport, lines), Error);
}
