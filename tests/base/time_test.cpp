#include "base/time.h"

#include "base/clock.h"

#include <catch2/catch.hpp>

#include <random>

using namespace atlasjob;

namespace {

constexpr std::int64_t kNoonMs = 1'795'348'800'000;  // 2026-11-22T12:00:00Z

std::optional<std::int64_t> parsed_ms(std::string_view text) {
    const auto time = parse_time(text);
    return time ? std::optional{to_ms(*time)} : std::nullopt;
}

}  // namespace

TEST_CASE("times are always formatted in UTC with three fraction digits") {
    CHECK(format_time(from_ms(kNoonMs)) == "2026-11-22T12:00:00.000Z");
    CHECK(format_time(from_ms(kNoonMs + 250)) == "2026-11-22T12:00:00.250Z");
    CHECK(format_time(from_ms(kNoonMs + 7)) == "2026-11-22T12:00:00.007Z");
    CHECK(format_time(from_ms(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(format_time(from_ms(951'782'400'000)) == "2000-02-29T00:00:00.000Z");
}

TEST_CASE("a year that does not have four digits is written in full") {
    CHECK(format_time(from_ms(253'402'300'799'999)) == "9999-12-31T23:59:59.999Z");
    CHECK(format_time(from_ms(253'402'300'800'000)) == "10000-01-01T00:00:00.000Z");
    CHECK(format_time(from_ms(-62'167'219'200'000)) == "0000-01-01T00:00:00.000Z");
    CHECK(format_time(from_ms(-62'167'219'200'001)) == "-001-12-31T23:59:59.999Z");
}

TEST_CASE("times before 1970 are not rounded towards zero") {
    CHECK(format_time(from_ms(-1)) == "1969-12-31T23:59:59.999Z");
    CHECK(parsed_ms("1969-12-31T23:59:59.999Z") == -1);
}

TEST_CASE("parsing accepts up to nine fraction digits and truncates to milliseconds") {
    CHECK(parsed_ms("2026-11-22T12:00:00Z") == kNoonMs);
    CHECK(parsed_ms("2026-11-22T12:00:00.2Z") == kNoonMs + 200);
    CHECK(parsed_ms("2026-11-22T12:00:00.25Z") == kNoonMs + 250);
    CHECK(parsed_ms("2026-11-22T12:00:00.2509Z") == kNoonMs + 250);
    CHECK(parsed_ms("2026-11-22T12:00:00.999999999Z") == kNoonMs + 999);
    CHECK_FALSE(parse_time("2026-11-22T12:00:00.1234567890Z"));
    CHECK_FALSE(parse_time("2026-11-22T12:00:00.Z"));
}

TEST_CASE("other time zones are converted to UTC") {
    CHECK(parsed_ms("2026-11-22T13:00:00+01:00") == kNoonMs);
    CHECK(parsed_ms("2026-11-22T06:30:00-05:30") == kNoonMs);
    CHECK(parsed_ms("2026-11-23T01:45:00+13:45") == kNoonMs);
    CHECK(parsed_ms("2026-11-22T12:00:00-00:00") == kNoonMs);
}

TEST_CASE("RFC 3339 allows lower case and a space between date and time") {
    CHECK(parsed_ms("2026-11-22t12:00:00z") == kNoonMs);
    CHECK(parsed_ms("2026-11-22 12:00:00Z") == kNoonMs);
}

TEST_CASE("a leap second is the first second of the next minute") {
    CHECK(parsed_ms("2016-12-31T23:59:60Z") == parsed_ms("2017-01-01T00:00:00Z"));
    CHECK_FALSE(parse_time("2016-12-31T23:59:61Z"));
}

TEST_CASE("incomplete and nonexistent RFC 3339 times are rejected") {
    const auto* const text = GENERATE(
        "", "now", "2026", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T12:00Z",
        "2026-11-22T12:00:00Zx", " 2026-11-22T12:00:00Z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-02-00T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T12:60:00Z",
        "2026-11-22T12:00:00+24:00", "2026-11-22T12:00:00+01:60", "2026-11-22T12:00:00+1:00",
        "2026-11-22T12:00:00+0100", "2026-11-22T-2:00:00Z", "-026-11-22T12:00:00Z",
        "2026-11-22T+2:00:00Z", "2026/11/22T12:00:00Z", "12026-11-22T12:00:00Z",
        "2026-11-22T12:00:00,250Z");
    CAPTURE(text);
    CHECK_FALSE(parse_time(text));
}

TEST_CASE("every truncation of a time is rejected") {
    const std::string whole = "2026-11-22T12:00:00.250+01:00";
    REQUIRE(parse_time(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK_FALSE(parse_time(std::string_view{whole}.substr(0, length)));
    }
}

TEST_CASE("a formatted time parses back to the same millisecond") {
    std::mt19937_64 random{42};  // NOLINT(cert-msc51-cpp): the same times in every run
    std::uniform_int_distribution<std::int64_t> any_ms{
        *parsed_ms("0000-01-01T00:00:00Z"), *parsed_ms("9999-12-31T23:59:59.999Z")};
    for (int n = 0; n < 20'000; ++n) {
        const Time time = from_ms(any_ms(random));
        const std::string text = format_time(time);
        if (text.size() != 24 || parse_time(text) != time) FAIL("lost " << text);
    }
}

TEST_CASE("SystemClock returns the system time in whole milliseconds") {
    const SystemClock clock;
    const Time before = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    const Time now = clock.now();
    const Time after = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    CHECK(before <= now);
    CHECK(now <= after);
}
