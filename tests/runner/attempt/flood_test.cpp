#include "base/text.h"
#include "logs/log_files.h"
#include "logs/log_reader.h"
#include "runner/run_case.h"

#include <fmt/format.h>

// A command prints ATLASJOB_FLOOD_MIB MiB of numbered lines, much more than its log may hold.

namespace atlasjob {

namespace {

using test::RunCase;

constexpr int kLines = ATLASJOB_FLOOD_MIB * 1024;
constexpr std::int64_t kLimit = 1 << 20;
constexpr std::int64_t kLineBytes = 1023;

/// The range of line numbers in one file of the log.
struct KeptLines {
    int segment = 0;
    int first = 0;
    int last = 0;

    int lines() const { return last - first + 1; }
};

/// Reads a log file and checks that its line numbers are consecutive.
KeptLines read_segment(const LogFile& file) {
    KeptLines kept{file.segment, 0, 0};
    for (const LogLine& line : join_records(read_file(file.path).value())) {
        const int number = parse_integer<int>(line.text).value();
        if (kept.first == 0) kept.first = number;
        REQUIRE((kept.last == 0 || number == kept.last + 1));
        kept.last = number;
    }
    return kept;
}

}  // namespace

TEST_CASE("a flooded log keeps its limit and drops exactly the missing middle") {
    RunCase run{fmt::format("seq -f '%0{}.0f' 1 {}", kLineBytes, kLines)};
    run.command.log_limit_bytes = kLimit;
    CHECK(run.run().exit_status == 0);

    std::int64_t bytes = 0;
    std::vector<KeptLines> kept;
    for (const LogFile& file : log_files(run.logs().display(), run.id())) {
        bytes += file.bytes;
        kept.push_back(read_segment(file));
    }
    CHECK(bytes <= kLimit);
    CHECK(run.job().log_bytes == bytes);
    REQUIRE(kept.size() == 4);
    CHECK(kept[0].segment == 1);
    CHECK(kept[0].first == 1);
    CHECK(kept[2].segment == kept[1].segment + 1);
    CHECK(kept[2].first == kept[1].last + 1);
    CHECK(kept[3].first == kept[2].last + 1);
    CHECK(kept[3].last == kLines);
    // All full files hold the same number of lines, so the gap must be a multiple of it.
    const int lost_files = kept[1].segment - kept[0].segment - 1;
    CHECK(lost_files > 0);
    CHECK(kept[1].first - kept[0].last - 1 == lost_files * kept[0].lines());
}

}  // namespace atlasjob
