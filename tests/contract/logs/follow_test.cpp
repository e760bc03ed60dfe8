#include "contract/logs/log_case.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <poll.h>

namespace atlasjob::test {

namespace {

bool is_readable(int fd, int timeout_ms) {
    pollfd watched{fd, POLLIN, 0};
    return poll(&watched, 1, timeout_ms) == 1;
}

}  // namespace

TEST_CASE_METHOD(LogCase, "output is followed as it is written including unfinished lines") {
    const auto follower = logs->follow(id, {});
    CHECK(read(*follower).empty());
    const auto log = writer();
    put(*log, kOut, "one\n");
    CHECK(read(*follower) == "one\n");
    log->write(kErr, "two\nname? ");
    log->flush_partial();
    CHECK(read(*follower) == "two\nname? ");
    put(*log, kErr, "joe\n");
    CHECK(read(*follower) == "joe\n");
    CHECK(read(*follower).empty());
}

TEST_CASE_METHOD(LogCase, "a follower that keeps up loses nothing to the limit") {
    const auto follower = logs->follow(id, {});
    const auto log = writer(1, kSmallLimit);
    std::string followed;
    for (int n = 0; n < 400; n += 10) {
        put(*log, kOut, numbered(n, n + 10));
        followed += read(*follower);
    }
    CHECK(followed == numbered(0, 400));
}

TEST_CASE_METHOD(LogCase, "output dropped before it was read is reported as one gap in place") {
    const auto log = writer(1, kSmallLimit);
    put(*log, kOut, numbered(0, 400));
    const std::string text = read(*logs->follow(id, {}));
    const std::size_t gap = text.find("[...]");
    REQUIRE(gap != std::string::npos);
    CHECK(text.find("[...]", gap + 1) == std::string::npos);
    CHECK(text.starts_with(numbered(0, 10)));
    CHECK(text.ends_with(numbered(390, 400)));
}

TEST_CASE_METHOD(LogCase, "a follower continues with later attempts unless limited to one") {
    const auto all = logs->follow(id, {});
    const auto first = logs->follow(id, {1, 1});
    const auto later = logs->follow(id, {2});
    put(*writer(1), kOut, "first\n");
    CHECK(read(*all) == "first\n");
    const auto third = writer(3);  // the second attempt has no output
    put(*third, kOut, "third\n");
    CHECK(read(*all) == "third\n");
    put(*third, kOut, "more\n");
    CHECK(read(*all) == "more\n");
    CHECK(read(*first) == "first\n");
    CHECK(read(*later) == "third\nmore\n");
}

TEST_CASE_METHOD(LogCase, "the tail is the last lines oldest first") {
    const auto log = writer();
    put(*log, kOut, "a\nb\n");
    put(*log, kErr, "c\n");
    CHECK(tail(2) == std::vector<std::string>{"b", "c"});
    CHECK(tail(10) == std::vector<std::string>{"a", "b", "c"});
    CHECK(tail(0).empty());
    CHECK(tail(10, 2).empty());
}

TEST_CASE_METHOD(LogCase, "a tail may span most of a long log") {
    const auto log = writer(1, 1 << 20);
    for (int n = 0; n < 20'000; n += 1000) {
        for (int i = n; i < n + 1000; ++i)
            log->write(kOut, fmt::format("line {}\n", i));
    }
    log->flush_partial();
    const auto lines = tail(6000);
    REQUIRE(lines.size() == 6000);
    for (int i = 0; i < 6000; ++i)
        REQUIRE(lines[static_cast<std::size_t>(i)] == fmt::format("line {}", 14'000 + i));
}

TEST_CASE_METHOD(LogCase, "an overlong line loses its beginning and keeps its end") {
    const auto log = writer(1, 64 << 20);
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 6; ++i)
        log->write(kOut, block);
    put(*log, kOut, "end\n");
    const auto lines = tail(3);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() < static_cast<std::size_t>(kTailBytes));
    CHECK(lines[0].size() > static_cast<std::size_t>(kTailBytes) - 65536);
    CHECK(lines[0].ends_with("xend"));
}

TEST_CASE_METHOD(LogCase, "following after a tail returns only newer output") {
    const auto log = writer(1, kSmallLimit);
    put(*log, kOut, numbered(0, 100));
    const auto follower = logs->follow(id, {});
    CHECK(
        texts(follower->skip_to_tail({3}))
        == std::vector<std::string>{"line 0097", "line 0098", "line 0099"});
    CHECK(read(*follower).empty());
    put(*log, kOut, numbered(100, 130));
    CHECK(read(*follower) == numbered(100, 130));

    const auto from_end = logs->follow(id, {});
    CHECK(from_end->skip_to_tail({0}).empty());
    put(*log, kOut, "next\n");
    CHECK(read(*from_end) == "next\n");
}

TEST_CASE_METHOD(LogCase, "the last lines of one stream are counted in that stream") {
    const auto log = writer();
    put(*log, kErr, "e1\ne2\n");
    put(*log, kOut, numbered(0, 5000));
    put(*log, kErr, "e3\n");
    const auto follower = logs->follow(id, {});
    CHECK(texts(follower->skip_to_tail({2, kErr})) == std::vector<std::string>{"e2", "e3"});
    CHECK(texts(follower->skip_to_tail({9, kErr})) == std::vector<std::string>{"e1", "e2", "e3"});
}

TEST_CASE_METHOD(LogCase, "a watch is notified of new output, of the first as of any other") {
    const auto follower = logs->follow(id, {});
    const int fd = follower->watch();
    if (fd < 0) return;  // Such a store is polled.
    CHECK(follower->watch() == fd);
    CHECK(read(*follower).empty());
    const auto log = writer();
    put(*log, kOut, "first\n");
    CHECK(is_readable(fd, kTimeoutMs));
    CHECK(read(*follower) == "first\n");
    CHECK_FALSE(is_readable(fd, 0));
    put(*log, kOut, "second\n");
    CHECK(is_readable(fd, kTimeoutMs));
    CHECK(read(*follower) == "second\n");
    put(*writer(2), kOut, "another attempt\n");
    CHECK(is_readable(fd, kTimeoutMs));
    CHECK(read(*follower) == "another attempt\n");
}

}  // namespace atlasjob::test
