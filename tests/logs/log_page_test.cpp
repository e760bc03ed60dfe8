#include "logs/log_page.h"

#include "logs/file_log_writer.h"
#include "logs/log_files.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace atlasjob {

TEST_CASE("an offset is a count of bytes in the first file and names the file in later ones") {
    const test::TempDir dir;
    const test::FakeClock clock;
    const JobId id = JobId::make(clock.now());
    FileLogWriter log{dir.path(), {id, 1, 4096}, clock};
    log.write(Stream::standard_output, "first\nsecond\n");
    CHECK(read_log_page(dir.path(), {id}, 0, 6).next_offset == 6);
    for (int line = 0; line < 30; ++line)
        log.write(Stream::standard_output, fmt::format("line {}\n", line));
    REQUIRE(log_files(dir.path(), id).size() > 1);
    CHECK(read_log_page(dir.path(), {id}, 6, 7).text == "second\n");
    const LogPage later = read_log_page(dir.path(), {id}, std::int64_t{1} << 32, 6);
    CHECK(later.text.starts_with("line "));
    CHECK(later.next_offset == (std::int64_t{1} << 32) + 6);
}

}  // namespace atlasjob
