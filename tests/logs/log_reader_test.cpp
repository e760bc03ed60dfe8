#include "logs/log_reader.h"

#include "base/file.h"
#include "logs/file_log_writer.h"
#include "logs/log_files.h"
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
    FileLogWriter log{dir.path(), {id, 1, 64 << 20}, clock};

    std::vector<std::string> tail(std::size_t n) const {
        std::vector<std::string> texts;
        for (const LogLine& line : tail_of(log_files(dir.path(), id), {n, {}, kTailBytes}))
            texts.push_back(line.text);
        return texts;
    }
};

}  // namespace

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
