#include "logs/log_follower.h"

#include "logs/output_log.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;
constexpr std::int64_t kSmallLimit = 4096;  ///< 1024 bytes per file.

struct Fixture {
    test::TempDir dir;
    test::FakeClock clock;
    JobId id = JobId::make(clock.now());
    std::string root = dir / "ledger.db.logs";
    int dropped = 0;

    OutputLog log(int attempt = 1, std::int64_t limit = 1 << 20) const {
        return {{root, id, attempt, limit}, clock};
    }
    LogFollower follower(LogFollower::Attempts attempts = {}) const { return {root, id, attempts}; }

    /// All output available now, byte for byte.
    std::string read(LogFollower& follower) {
        std::string text;
        const LogFollower::Calls calls{
            [&](const LogRecord& record) {
                text.append(record.text).append(record.partial ? "" : "\n");
            },
            [&] { ++dropped; }};
        while (follower.read_some(calls)) {
        }
        return text;
    }
};

std::string numbered(int from, int to) {
    std::string text;
    for (int n = from; n < to; ++n)
        text += fmt::format("line {:04}\n", n);
    return text;
}

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> texts;
    for (const LogLine& line : lines)
        texts.push_back(line.text);
    return texts;
}

bool becomes_readable(int fd) {
    static constexpr int kTimeoutMs = 10'000;
    pollfd watched{fd, POLLIN, 0};
    return poll(&watched, 1, kTimeoutMs) == 1;
}

}  // namespace

TEST_CASE("output is followed as it is written including unfinished lines") {
    Fixture fixture;
    LogFollower follower = fixture.follower();
    CHECK(fixture.read(follower).empty());
    OutputLog log = fixture.log();
    log.write(kOut, "one\n");
    CHECK(fixture.read(follower) == "one\n");
    log.write(kErr, "two\nname? ");
    log.flush_partial();
    CHECK(fixture.read(follower) == "two\nname? ");
    log.write(kErr, "joe\n");
    CHECK(fixture.read(follower) == "joe\n");
    CHECK(fixture.read(follower).empty());
}

TEST_CASE("a follower that keeps up loses nothing to rotation") {
    Fixture fixture;
    LogFollower follower = fixture.follower();
    OutputLog log = fixture.log(1, kSmallLimit);
    std::string followed;
    for (int n = 0; n < 400; n += 10) {
        log.write(kOut, numbered(n, n + 10));
        followed += fixture.read(follower);
    }
    CHECK(followed == numbered(0, 400));
    CHECK(fixture.dropped == 0);
}

TEST_CASE("records dropped before they were read are reported as a gap in place") {
    Fixture fixture;
    OutputLog log = fixture.log(1, kSmallLimit);
    log.write(kOut, numbered(0, 400));
    LogFollower follower = fixture.follower();
    const std::string read = fixture.read(follower);
    CHECK(fixture.dropped == 1);
    CHECK(read.starts_with(numbered(0, 10)));
    CHECK(read.ends_with(numbered(390, 400)));
    CHECK(read.size() < numbered(0, 400).size());
}

TEST_CASE("an open file is read to its end even after it was dropped or removed") {
    Fixture fixture;
    OutputLog log = fixture.log(1, kSmallLimit);
    log.write(kOut, numbered(0, 30));  // one full file and part of another
    LogFollower follower = fixture.follower();
    std::string followed = fixture.read(follower);
    log.write(kOut, numbered(30, 32));
    log.write(kOut, numbered(32, 400));  // rotates until the open file has been dropped
    followed += fixture.read(follower);
    CHECK(followed.starts_with(numbered(0, 33)));
    CHECK(followed.ends_with(numbered(390, 400)));

    log.write(kOut, "in a file with room\n");
    LogFollower other = fixture.follower();
    fixture.read(other);
    log.write(kOut, "the last\n");
    remove_logs(fixture.root, fixture.id);
    CHECK(fixture.read(other) == "the last\n");
}

TEST_CASE("a follower continues with later attempts unless limited to one") {
    Fixture fixture;
    LogFollower all = fixture.follower();
    LogFollower first = fixture.follower({1, 1});
    LogFollower later = fixture.follower({2});
    {
        OutputLog log = fixture.log(1);
        log.write(kOut, "first\n");
    }
    CHECK(fixture.read(all) == "first\n");
    OutputLog third = fixture.log(3);  // the second attempt has no output
    third.write(kOut, "third\n");
    CHECK(fixture.read(all) == "third\n");
    third.write(kOut, "more\n");
    CHECK(fixture.read(all) == "more\n");
    CHECK(fixture.read(first) == "first\n");
    CHECK(fixture.read(later) == "third\nmore\n");
}

TEST_CASE("following after a tail returns only newer output") {
    Fixture fixture;
    OutputLog log = fixture.log(1, kSmallLimit);
    log.write(kOut, numbered(0, 100));
    LogFollower follower = fixture.follower();
    CHECK(
        texts(follower.skip_to_tail({3}))
        == std::vector<std::string>{"line 0097", "line 0098", "line 0099"});
    CHECK(fixture.read(follower).empty());
    log.write(kOut, numbered(100, 130));
    CHECK(fixture.read(follower) == numbered(100, 130));

    LogFollower from_end = fixture.follower();
    CHECK(from_end.skip_to_tail({0}).empty());
    log.write(kOut, "next\n");
    CHECK(fixture.read(from_end) == "next\n");
}

TEST_CASE("the last lines of one stream are counted in that stream") {
    Fixture fixture;
    OutputLog log = fixture.log();
    log.write(kErr, "e1\ne2\n");
    log.write(kOut, numbered(0, 5000));
    log.write(kErr, "e3\n");
    LogFollower follower = fixture.follower();
    CHECK(texts(follower.skip_to_tail({2, kErr})) == std::vector<std::string>{"e2", "e3"});
    CHECK(texts(follower.skip_to_tail({9, kErr})) == std::vector<std::string>{"e1", "e2", "e3"});
}

TEST_CASE("an incomplete record is left until it is complete") {
    Fixture fixture;
    fixture.log().write(kOut, "whole\n");
    const std::string path = log_path(fixture.root, fixture.id, 1);
    const std::string record = "2026-11-22T12:00:00.000000000Z stdout F in parts\n";
    const auto append = [&](std::string_view text) {
        const UniqueFd file = open_file(path, O_WRONLY | O_APPEND);
        REQUIRE(write_all(file.get(), text));
    };
    append(record.substr(0, 45));
    LogFollower from_start = fixture.follower();
    LogFollower from_tail = fixture.follower();
    CHECK(fixture.read(from_start) == "whole\n");
    CHECK(texts(from_tail.skip_to_tail({9})) == std::vector<std::string>{"whole"});
    append(record.substr(45));
    CHECK(fixture.read(from_start) == "in parts\n");
    CHECK(fixture.read(from_tail) == "in parts\n");
}

TEST_CASE("a watch is notified of new output even before the log directory exists") {
    Fixture fixture;
    LogWatch watch{fixture.root, fixture.id};
    OutputLog log = fixture.log();
    log.write(kOut, "first\n");
    CHECK(becomes_readable(watch.fd()));
    watch.drain();
    log.write(kOut, "second\n");
    CHECK(becomes_readable(watch.fd()));
    watch.drain();
    pollfd quiet{watch.fd(), POLLIN, 0};
    CHECK(poll(&quiet, 1, 0) == 0);
    OutputLog next = fixture.log(2);
    next.write(kOut, "another attempt\n");
    CHECK(becomes_readable(watch.fd()));
}

}  // namespace atlasjob
