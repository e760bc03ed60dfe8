#include "logs/file_log_follower.h"

#include "logs/file_log_writer.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"
#include "support/timeout.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <array>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr std::int64_t kSmallLimit = 4096;  ///< 1024 bytes per file.

struct Fixture {
    test::TempDir dir;
    test::FakeClock clock;
    JobId id = JobId::make(clock.now());
    std::string root = dir / "ledger.db.logs";

    FileLogWriter log(std::int64_t limit = 1 << 20) const { return {root, {id, 1, limit}, clock}; }
    FileLogFollower follower() const { return {root, id, {}}; }

    /// All output available now, byte for byte.
    static std::string read(LogFollower& follower) {
        std::string text;
        const LogFollower::Calls calls{
            [&](const LogRecord& record) {
                text.append(record.text).append(record.partial ? "" : "\n");
            },
            [] {}};
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
    pollfd watched{fd, POLLIN, 0};
    return poll(&watched, 1, test::kTimeoutMs) == 1;
}

}  // namespace

TEST_CASE("an open file is read to its end even after it was dropped or removed") {
    Fixture fixture;
    FileLogWriter log = fixture.log(kSmallLimit);
    log.write(kOut, numbered(0, 30));  // one full file and part of another
    FileLogFollower follower = fixture.follower();
    std::string followed = fixture.read(follower);
    log.write(kOut, numbered(30, 32));
    log.write(kOut, numbered(32, 400));  // rotates until the open file has been dropped
    followed += fixture.read(follower);
    CHECK(followed.starts_with(numbered(0, 33)));
    CHECK(followed.ends_with(numbered(390, 400)));

    log.write(kOut, "in a file with room\n");
    FileLogFollower other = fixture.follower();
    fixture.read(other);
    log.write(kOut, "the last\n");
    remove_logs(fixture.root, std::array{PrunedJob{fixture.id, 0, 1}});
    CHECK(fixture.read(other) == "the last\n");
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
    FileLogFollower from_start = fixture.follower();
    FileLogFollower from_tail = fixture.follower();
    CHECK(fixture.read(from_start) == "whole\n");
    CHECK(texts(from_tail.skip_to_tail({9})) == std::vector<std::string>{"whole"});
    append(record.substr(45));
    CHECK(fixture.read(from_start) == "in parts\n");
    CHECK(fixture.read(from_tail) == "in parts\n");
}

TEST_CASE("a watch is notified of new output even before any folder exists") {
    Fixture fixture;
    FileLogFollower follower = fixture.follower();
    const int fd = follower.watch();
    REQUIRE(fd >= 0);
    CHECK(Fixture::read(follower).empty());
    FileLogWriter log = fixture.log();
    log.write(kOut, "first\n");
    CHECK(becomes_readable(fd));
    CHECK(Fixture::read(follower) == "first\n");
    pollfd quiet{fd, POLLIN, 0};
    CHECK(poll(&quiet, 1, 0) == 0);
}

}  // namespace atlasjob
