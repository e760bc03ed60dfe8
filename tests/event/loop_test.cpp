#include "event/loop.h"

#include "base/error.h"
#include "base/file.h"

#include <catch2/catch.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

namespace atlasjob {

TEST_CASE("A loop without anything to wait for returns") {
    Loop loop;
    loop.run();
    SUCCEED();
}

TEST_CASE("Timers come in the order of their times, once or again and again") {
    Loop loop;
    std::string order;
    Timer late{loop, [&] { order += 'b'; }};
    Timer early{loop, [&] { order += 'a'; }};
    Timer again{loop, [&] {
                    order += '.';
                    if (order.size() == 5) loop.stop();
                }};
    late.start(milliseconds{2});
    early.start(milliseconds{1});
    again.start(milliseconds{5}, milliseconds{1});
    CHECK(late.running());
    loop.run();
    CHECK(order == "ab...");
    CHECK_FALSE(late.running());
}

TEST_CASE("A stopped timer never comes") {
    Loop loop;
    bool called = false;
    Timer timer{loop, [&] { called = true; }};
    timer.start(milliseconds{0});
    timer.stop();
    loop.run();
    CHECK_FALSE(called);
}

TEST_CASE("A descriptor calls back while it is readable, and not while paused") {
    Loop loop;
    Pipe pipe = make_pipe();
    Pipe second = make_pipe();
    REQUIRE(write_all(pipe.write_end.get(), "xyz"));
    std::string got;
    FdWatch watch{loop, pipe.read_end.get(), FdWatch::Ready::readable, [&] {
                      char c = 0;
                      REQUIRE(read(pipe.read_end.get(), &c, 1) == 1);
                      got += c;
                      if (got.size() == 2) loop.stop();
                  }};
    loop.run();
    CHECK(got == "xy");

    watch.pause();
    REQUIRE(write_all(second.write_end.get(), "!"));
    FdWatch other{loop, second.read_end.get(), FdWatch::Ready::readable, [&] { loop.stop(); }};
    loop.run();
    CHECK(got == "xy");
}

TEST_CASE("A descriptor that is watched for either calls back for each") {
    Loop loop;
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const UniqueFd ours{ends[0]};
    const UniqueFd theirs{ends[1]};
    // Its buffer is full: only what comes can wake us, and then only what goes.
    const std::string page(4096, 'x');
    FdWatch either{loop, ours.get(), FdWatch::Ready::either, [&] { loop.stop(); }};
    while (write(ours.get(), page.data(), page.size()) > 0) {
    }
    REQUIRE(write_all(theirs.get(), "x"));
    loop.run();
    char c = 0;
    REQUIRE(read(ours.get(), &c, 1) == 1);
    std::string drained(1UL << 22U, 'x');
    REQUIRE(read(theirs.get(), drained.data(), drained.size()) > 0);
    loop.run();
    CHECK(write(ours.get(), page.data(), 1) == 1);
}

TEST_CASE("A callback may destroy its own watch") {
    Loop loop;
    Pipe pipe = make_pipe();
    REQUIRE(write_all(pipe.write_end.get(), "x"));
    int calls = 0;
    std::optional<FdWatch> watch;
    watch.emplace(loop, pipe.read_end.get(), FdWatch::Ready::readable, [&] {
        ++calls;
        watch.reset();
    });
    loop.run();
    CHECK(calls == 1);
}

TEST_CASE("A regular file cannot be watched and says so") {
    Loop loop;
    const UniqueFd file = open_file("/etc/passwd", 0);
    CHECK_THROWS_AS(FdWatch(loop, file.get(), FdWatch::Ready::readable, [] {}), Error);
}

TEST_CASE("A signal becomes a callback") {
    Loop loop;
    std::string got;
    {
        SignalWatch term{loop, SIGTERM, [&] {
                             got += 't';
                             loop.stop();
                         }};
        kill(getpid(), SIGTERM);
        loop.run();
    }
    CHECK(got == "t");
    struct sigaction after {};
    sigaction(SIGTERM, nullptr, &after);
    CHECK(after.sa_handler == SIG_DFL);
    CHECK_THROWS_AS(SignalWatch(loop, SIGKILL, [] {}), Error);
}

TEST_CASE("Another thread wakes the loop") {
    Loop loop;
    std::optional<std::thread::id> woken_in;
    Wakeup wakeup{loop, [&] {
                      woken_in = std::this_thread::get_id();
                      loop.stop();
                  }};
    std::thread other{[&] { wakeup.notify(); }};
    loop.run();
    other.join();
    CHECK(woken_in == std::this_thread::get_id());
}

TEST_CASE("An exception in a callback ends the loop and reaches its owner") {
    Loop loop;
    int calls = 0;
    Timer thrower{loop, [] { throw Error(ErrorCode::internal, "broken"); }};
    Timer other{loop, [&] { ++calls; }};
    thrower.start(milliseconds{0});
    other.start(milliseconds{0});
    CHECK_THROWS_WITH(loop.run(), "broken");
    CHECK(calls == 0);
    other.start(milliseconds{0});
    loop.run();
    CHECK(calls == 1);
}

}  // namespace atlasjob
