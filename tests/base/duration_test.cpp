#include "base/duration.h"

#include <catch2/catch.hpp>

#include <random>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

constexpr milliseconds kHundredYears = 24h * 36'600;

}  // namespace

TEST_CASE("a duration is a count and a unit or a sum of them") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("30s") == 30s);
    CHECK(parse_duration("15m") == 15min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("7d") == 24h * 7);
    CHECK(parse_duration("1w") == 24h * 7);
    CHECK(parse_duration("2w1d") == 24h * 15);
    CHECK(parse_duration("1h30m") == 90min);
    CHECK(parse_duration("1d2h3m4s5ms") == 24h + 2h + 3min + 4s + 5ms);
    CHECK(parse_duration("0s") == 0ms);
    CHECK(parse_duration("007s") == 7s);
}

TEST_CASE("malformed durations are rejected") {
    const auto* const text = GENERATE(
        "", "5", "s", "-5s", "+5s", "1.5h", "5 s", " 5s", "5s ", "5S", "5sec", "5y", "1h30", "ms",
        "99999999999999999999s", "0x5s", "1e3s");
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("the maximum duration is a hundred years in any unit") {
    CHECK(parse_duration("36600d") == kHundredYears);
    CHECK(parse_duration("3162240000000ms") == kHundredYears);
    CHECK_FALSE(parse_duration("36601d"));
    CHECK_FALSE(parse_duration("3162240000001ms"));
    CHECK_FALSE(parse_duration("36600d1ms"));
    CHECK_FALSE(parse_duration("18446744073709551615d"));
    CHECK_FALSE(parse_duration("213503982335d"));  // its milliseconds wrap round 64 bits
}

TEST_CASE("durations are formatted in the largest units without zero parts") {
    CHECK(format_duration(0ms) == "0s");
    CHECK(format_duration(250ms) == "250ms");
    CHECK(format_duration(1'000ms) == "1s");
    CHECK(format_duration(90min) == "1h30m");
    CHECK(format_duration(24h) == "1d");
    CHECK(format_duration(24h + 1ms) == "1d1ms");
    CHECK(format_duration(59'999ms) == "59s999ms");
}

TEST_CASE("a formatted duration parses back to the same value") {
    std::mt19937_64 random{42};  // NOLINT(cert-msc51-cpp): the same durations in every run
    std::uniform_int_distribution<std::int64_t> bits{0, 42};
    for (int n = 0; n < 20'000; ++n) {
        const auto ms = static_cast<std::int64_t>(random() >> (63 - bits(random)));
        const milliseconds duration = std::min(milliseconds{ms}, kHundredYears);
        const std::string text = format_duration(duration);
        if (parse_duration(text) != duration) FAIL("lost " << text);
    }
}
