#include "base/error.h"
#include "base/file.h"
#include "ledger/limits.h"
#include "runner/progress/progress_scan.h"
#include "runner/progress/progress_text.h"
#include "support/catch_string_makers.h"
#include "support/places.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cmath>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

/// Progress in percent, rounded to one decimal.
double percent(const Report& report) {
    return std::round(*report.progress * 1000) / 10;
}

/// The percentages that a rule finds in these lines.
std::vector<double> found(const std::string& pattern, const std::vector<std::string>& lines) {
    const auto rule = make_progress_rule(pattern);
    std::vector<double> percents;
    for (const std::string& line : lines) {
        if (const auto report = rule->read(line, true)) percents.push_back(percent(*report));
    }
    return percents;
}

std::vector<double> automatic(const std::vector<std::string>& lines) {
    return found("auto", lines);
}

/// The percentages found in a recording that is fed in pieces of 7 bytes.
std::vector<double> replay(const std::string& name) {
    const std::string bytes =
        read_file(test::source_path("tests/runner/recordings/" + name)).value();
    ProgressScan scan{"auto"};
    std::vector<double> percents;
    for (std::size_t at = 0; at < bytes.size(); at += 7) {
        scan.feed(kErr, std::string_view{bytes}.substr(at, 7));
        if (const auto report = scan.read()) percents.push_back(percent(*report));
    }
    return percents;
}

std::string refusal(const std::string& pattern) {
    try {
        check_progress_pattern(pattern);
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        return error.message();
    }
    return "(accepted)";
}

}  // namespace

TEST_CASE("rsync progress is recognized up to 100 percent") {
    CHECK(replay("rsync-progress2.txt") == std::vector<double>{0, 60, 85, 99, 100});
}

TEST_CASE("both progress formats of curl are recognized up to 100 percent") {
    CHECK(replay("curl-meter.txt") == std::vector<double>{0, 14, 75, 99, 100});
    CHECK(replay("curl-bar.txt") == std::vector<double>{19.2, 35.5, 70, 100});
}

TEST_CASE("wget progress is recognized up to 100 percent") {
    const auto percents = replay("wget.txt");
    REQUIRE(percents.size() > 3);
    CHECK(std::is_sorted(percents.begin(), percents.end()));
    CHECK(percents.back() == 100);
}

TEST_CASE("a download of unknown size has no progress") {
    CHECK(
        automatic({"100 12345    0 12345    0     0  20.8M      0 --:--:--  0:00:01 --:--:-- 20M"})
            .empty());
}

TEST_CASE("standalone percentages are progress") {
    CHECK(
        automatic(
            {"42%", "42.5 %", "[ 43%] Building", "44%|####| 44/100 [00:01]", "at 45%, still",
             "(46%)", "done:47%", "100%", "0%"})
        == std::vector<double>{42, 42.5, 43, 44, 45, 46, 47, 100, 0});
}

TEST_CASE("text that only resembles a percentage is not progress") {
    CHECK(automatic({"a%20b", "/x/42%2F", "+42%", "-42%", "a42%", "101%", "1.2.3%", "%", "% 42",
                     "1,042%", "42%%", "12/42%"})
              .empty());
}

TEST_CASE("a fraction in square brackets is progress with counts") {
    const auto rule = make_progress_rule("auto");
    const auto report = rule->read("[12/284] Building CXX object a.o", true);
    REQUIRE(report.has_value());
    CHECK(report->current == 12);
    CHECK(report->total == 284);
    CHECK(report->progress == Approx(12.0 / 284));
    CHECK_FALSE(rule->read("[285/284] no", true).has_value());
}

TEST_CASE("a fraction alone on its line is progress") {
    CHECK(automatic({"3/7"}) == std::vector<double>{42.9});
    CHECK(automatic({"  5 / 7  ", "7/7"}) == std::vector<double>{71.4, 100});
}

TEST_CASE("a fraction after a word such as step or epoch is progress") {
    CHECK(
        automatic(
            {"Step 3/7 : RUN x", "epoch 1/50, loss 0.3", "downloading FILES: 2/8", "done 3 / 4."})
        == std::vector<double>{42.9, 2, 25, 75});
    CHECK(automatic({"due 11/22", "misstep 3/7", "step of 3/7", "step 1.5/3"}).empty());
}

TEST_CASE("any other fraction is progress only once it counts up") {
    CHECK(
        automatic({"RUN 3/7 x", "RUN 4/7 y", "RUN 4/7 again"}) == std::vector<double>{57.1, 57.1});
    CHECK(automatic({"  1.2/3.4 MB", "  1.7/3.4 MB"}) == std::vector<double>{50});
}

TEST_CASE("dates and paths and addresses and countdowns are not progress") {
    CHECK(automatic({"11/22 10:00:01 up", "11/22 10:00:02 up", "11/23 00:00:00 up", "2026/11/22",
                     "2026/11/23", "/1/2", "/1/3", "10.0.0.1/24", "10.0.0.9/24", "to-chk=2/4)",
                     "to-chk=3/4)", "7/7 left", "6/7 left", "5/7 left", "9/8", "1/0", "24/7"})
              .empty());
}

TEST_CASE("a fraction next to a matching percentage provides the counts") {
    const auto rule = make_progress_rule("auto");
    const auto agreed = rule->read("Receiving objects:  42% (420/1000), 1 MiB", true);
    REQUIRE(agreed.has_value());
    CHECK(agreed->progress == 0.42);
    CHECK(agreed->current == 420);
    CHECK(agreed->total == 1000);
    const auto other = rule->read("85% [2/4]", true);
    REQUIRE(other.has_value());
    CHECK(other->progress == 0.85);
    CHECK_FALSE(other->current.has_value());
}

TEST_CASE("a pattern with one group is a percentage and with two groups a count") {
    CHECK(
        found("at ([0-9.]+) percent", {"at 12.5 percent", "at 200 percent", "at ... percent"})
        == std::vector<double>{12.5});
    const auto rule = make_progress_rule("(\\d+) of (\\d+)");
    const auto report = rule->read("copied 3 of 4 files", true);
    REQUIRE(report.has_value());
    CHECK(report->progress == 0.75);
    CHECK(report->current == 3);
    CHECK(report->total == 4);
    CHECK_FALSE(rule->read("copied 5 of 4 files", true).has_value());
}

TEST_CASE("an invalid pattern is rejected with the reason") {
    CHECK(refusal("auto") == "(accepted)");
    CHECK(refusal("(\\d+)%") == "(accepted)");
    CHECK(refusal("(\\d+") == "progress-from \"(\\d+\": missing closing )");
    CHECK(refusal("\\d+") == "progress-from \"\\d+\": has 0 groups");
    CHECK(refusal("(a)(b)(c)") == "progress-from \"(a)(b)(c)\": has 3 groups");
    CHECK(
        refusal("(a)\\1")
        == "progress-from \"(a)\\1\": invalid escape sequence at byte 4: \"\\1\"");
    CHECK(refusal(std::string(1025, 'x')).ends_with("longer than 1024 bytes"));
}

TEST_CASE("a pathological pattern does not stall the scan") {
    ProgressScan scan{"(?:a+)+b(\\d+)"};
    scan.feed(kOut, std::string(1500, 'a') + "\naab7\n");
    REQUIRE(scan.read()->progress == Approx(0.07));
}

TEST_CASE("only the first 4 KiB of a line are scanned") {
    ProgressScan scan{"auto"};
    scan.feed(kOut, "5% " + std::string(5000, 'x') + " 6%");
    CHECK(scan.read()->progress == 0.05);
    scan.feed(kOut, " 7% ");
    CHECK_FALSE(scan.read().has_value());
    scan.feed(kOut, "\n8%\n");
    CHECK(scan.read()->progress == 0.08);
}

TEST_CASE("the latest progress counts") {
    ProgressScan scan{"auto"};
    for (int i = 0; i <= 100'000; ++i)
        scan.feed(kOut, fmt::format("{}% of the work\n", i / 1000));
    CHECK(scan.read()->progress == 1.0);
}

TEST_CASE("a carriage return ends a line and an unfinished line counts") {
    ProgressScan scan{"auto"};
    scan.feed(kOut, "\r10%\r20%");
    CHECK(scan.read()->progress == 0.2);
    scan.feed(kOut, " and more");
    CHECK_FALSE(scan.read().has_value());
    scan.feed(kOut, "\rstep [3/1");
    CHECK_FALSE(scan.read().has_value());
    scan.feed(kOut, "2]");
    CHECK(scan.read()->total == 12);
}

TEST_CASE("lines of the two streams are kept apart") {
    ProgressScan scan{"auto"};
    scan.feed(kOut, "4");
    scan.feed(kErr, "warning\n");
    scan.feed(kOut, "2%\n");
    CHECK(scan.read()->progress == 0.42);
}

TEST_CASE("terminal colours do not hide progress") {
    ProgressScan scan{"auto"};
    scan.feed(kOut, "\x1b[2K\x1b[1;32m42%\x1b[0m\n");
    CHECK(scan.read()->progress == 0.42);
    scan.feed(kOut, "50%\x1b");
    CHECK(scan.read()->progress == 0.5);
}

}  // namespace atlasjob
