#include "logs/log_reader.h"

#include "base/file.h"
#include "logs/output_log.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

struct Fixture {
    test::TempDir dir;
    test::FakeClock clock;
    JobId id = JobId::make(clock.now());
    OutputLog log{{dir.path(), id, 1, 64 << 20}, clock};

    std::vector<std::string> tail(std::size_t n, int attempt = 1) const {
        std::vector<std::string> texts;
        for (const LogLine& line : tail_log(dir.path(), id, attempt, n))
            texts.push_back(line.text);
        return texts;
    }
};

}  // namespace

TEST_CASE("the tail is the last lines oldest first") {
    Fixture f;
    f.log.write(kOut, "a\nb\n");
    f.log.write(kErr, "c\n");
    CHECK(f.tail(2) == std::vector<std::string>{"b", "c"});
    CHECK(f.tail(10) == std::vector<std::string>{"a", "b", "c"});
    CHECK(f.tail(0).empty());
    CHECK(f.tail(10, 2).empty());
    const auto lines = tail_log(f.dir.path(), f.id, 1, 1);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].stream == kErr);
    CHECK(lines[0].complete);
    CHECK(lines[0].time == f.clock.now());
}

TEST_CASE("a job without a log has no lines") {
    const test::TempDir dir;
    CHECK(tail_log(dir / "none", JobId::make(from_ms(0)), 1, 5).empty());
}

TEST_CASE("partial lines are joined per stream with invalid bytes unchanged") {
    Fixture f;
    f.log.write(kOut, "a\xff");
    f.log.flush_partial();
    f.log.write(kErr, "err\n");
    f.log.write(kOut, "b\nopen");
    f.log.flush_partial();
    const auto lines = tail_log(f.dir.path(), f.id, 1, 5);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "err");
    CHECK(lines[1].text == "a\xff" "b");
    CHECK(lines[1].complete);
    CHECK(lines[2].text == "open");
    CHECK_FALSE(lines[2].complete);
}

TEST_CASE("the tail of a long log spans blocks and rotated files") {
    Fixture f;
    OutputLog log{{f.dir.path(), f.id, 2, 1 << 20}, f.clock};
    for (int i = 0; i < 20'000; ++i)
        log.write(kOut, fmt::format("line {}\n", i));
    REQUIRE(log_files(f.dir.path(), f.id).size() > 3);
    const auto lines = f.tail(6000, 2);
    REQUIRE(lines.size() == 6000);
    for (int i = 0; i < 6000; ++i)
        REQUIRE(lines[static_cast<std::size_t>(i)] == fmt::format("line {}", 14'000 + i));
}

TEST_CASE("the tail of a huge log reads only its end") {
    Fixture f;
    f.log.write(kOut, "one\ntwo\n");
    // Reading the whole log would need 64 GiB of memory.
    const std::string path = log_path(f.dir.path(), f.id, 1);
    const std::string records = read_file(path).value();
    const UniqueFd file = open_file(path, O_WRONLY | O_APPEND);
    REQUIRE(ftruncate(file.get(), 64LL << 30U) == 0);
    REQUIRE(write_all(file.get(), "\n" + records));
    CHECK(f.tail(2) == std::vector<std::string>{"one", "two"});
    CHECK(f.tail(1) == std::vector<std::string>{"two"});
}

TEST_CASE("an overlong line loses its beginning and keeps its end") {
    Fixture f;
    const std::string block(1 << 20, 'x');
    for (int i = 0; i < 6; ++i)
        f.log.write(kOut, block);
    f.log.write(kOut, "end\n");
    const auto lines = f.tail(3);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() < static_cast<std::size_t>(kTailBytes));
    CHECK(lines[0].size() > static_cast<std::size_t>(kTailBytes) - 65536);
    CHECK(lines[0].ends_with("xend"));
}

TEST_CASE("a log truncated anywhere reads as the complete records before the cut") {
    Fixture f;
    f.log.write(kOut, "one\ntwo\n");
    f.log.write(kErr, "three\n");
    const std::string whole = read_file(log_path(f.dir.path(), f.id, 1)).value();
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        const std::string cut = whole.substr(0, length);
        const auto ends = static_cast<std::size_t>(std::count(cut.begin(), cut.end(), '\n'));
        CHECK(join_records(cut).size() == ends);
    }
}

}  // namespace atlasjob
