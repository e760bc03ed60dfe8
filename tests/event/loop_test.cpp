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

TEST_CASE("a loop with nothing to wait for returns") {
    Loop loop;
    loop.run();
    SUCCEED();
}

TEST_CASE("timers fire in order of their due time either once or repeatedly") {
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

TEST_CASE("a stopped timer never fires") {
    Loop loop;
    bool called = false;
    Timer timer{loop, [&] { called = true; }};
    timer.start(milliseconds{0});
    timer.stop();
    loop.run();
    CHECK_FALSE(called);
}

TEST_CASE("a watched descriptor calls back while readable unless paused") {
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

TEST_CASE("a descriptor watched for both directions calls back for each") {
    Loop loop;
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    const UniqueFd local{ends[0]};
    const UniqueFd peer{ends[1]};
    // With a full send buffer only incoming data makes `local` ready, then only free buffer space.
    const std::string page(4096, 'x');
    FdWatch either{loop, local.get(), FdWatch::Ready::either, [&] { loop.stop(); }};
    while (write(local.get(), page.data(), page.size()) > 0) {
    }
    REQUIRE(write_all(peer.get(), "x"));
    loop.run();
    char c = 0;
    REQUIRE(read(local.get(), &c, 1) == 1);
    std::string drained(1UL << 22U, 'x');
    REQUIRE(read(peer.get(), drained.data(), drained.size()) > 0);
    loop.run();
    CHECK(write(local.get(), page.data(), 1) == 1);
}

TEST_CASE("a callback may destroy its own watch") {
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

TEST_CASE("watching a regular file throws") {
    Loop loop;
    const UniqueFd file = open_file("/etc/passwd", 0);
    CHECK_THROWS_AS(FdWatch(loop, file.get(), FdWatch::Ready::readable, [] {}), Error);
}

TEST_CASE("a signal invokes its callback") {
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

TEST_CASE("another thread can wake the loop") {
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

TEST_CASE("an inactive wake-up does not keep the loop running, and works once it is active again") {
    Loop loop;
    int woken = 0;
    Wakeup wakeup{loop, [&] {
                      ++woken;
                      wakeup.set_active(false);
                  }};
    CHECK(loop.alive());
    wakeup.set_active(false);
    CHECK_FALSE(loop.alive());
    loop.run();
    CHECK(woken == 0);
    wakeup.set_active(true);
    std::thread other{[&] { wakeup.notify(); }};
    loop.run();
    other.join();
    CHECK(woken == 1);
}

TEST_CASE("an exception in a callback leaves the loop and reaches the caller of run") {
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
