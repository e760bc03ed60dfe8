#include "base/time_text.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <ctime>
#include <string>

using namespace atlasjob;
using Side = TimeText::Side;

namespace {

/// Sets the time zone of the process until it is destroyed.
class InZone {
  public:
    explicit InZone(const char* zone) {
        if (const char* before = getenv("TZ")) before_ = before;
        set(zone);
    }
    ~InZone() { set(before_ ? before_->c_str() : nullptr); }
    InZone(const InZone&) = delete;
    InZone& operator=(const InZone&) = delete;

  private:
    static void set(const char* zone) {
        if (zone == nullptr) {
            unsetenv("TZ");
        } else {
            setenv("TZ", zone, 1);
        }
        tzset();
    }

    std::optional<std::string> before_;
};

/// UTC+1; UTC+2 from the last Sunday of March, 2:00, to that of October, 3:00.
constexpr const char* kEurope = "CET-1CEST,M3.5.0,M10.5.0/3";
/// UTC-3; UTC-2 from the first Sunday of November, 0:00: that day has no midnight.
constexpr const char* kNoMidnight = "<-03>3<-02>,M11.1.0/0,M2.3.0/0";

Time utc(std::string_view text) {
    return parse_time(text).value();
}

std::string resolved(std::string_view text, std::string_view now, Side side = Side::future) {
    const auto time = TimeText::parse(text);
    REQUIRE(time);
    return format_time(time->resolve(utc(now), side));
}

}  // namespace

TEST_CASE("a time with a zone means the same at any time") {
    CHECK(resolved("2026-11-22T12:00:00Z", "2027-01-01T00:00:00Z") == "2026-11-22T12:00:00.000Z");
    CHECK(
        resolved("2026-11-22 13:00:00.5+01:00", "2020-01-01T00:00:00Z")
        == "2026-11-22T12:00:00.500Z");
    CHECK(resolved("now", "2027-01-01T00:00:00.123Z") == "2027-01-01T00:00:00.123Z");
}

TEST_CASE("a date and a time are those of the local zone") {
    const InZone zone{kEurope};
    CHECK(resolved("2027-01-05 18:00", "2026-11-22T12:00:00Z") == "2027-01-05T17:00:00.000Z");
    CHECK(resolved("2027-01-05T18:00:30", "2026-11-22T12:00:00Z") == "2027-01-05T17:00:30.000Z");
    CHECK(resolved("2027-07-05 8:00", "2026-11-22T12:00:00Z") == "2027-07-05T06:00:00.000Z");
}

TEST_CASE("a date is its first moment in the local zone") {
    const InZone zone{kEurope};
    CHECK(resolved("2026-11-30", "2027-01-01T00:00:00Z") == "2026-11-29T23:00:00.000Z");
    CHECK(resolved("2026-07-01", "2027-01-01T00:00:00Z") == "2026-06-30T22:00:00.000Z");
}

TEST_CASE("a time without a day is the next one, or the last one where a past is meant") {
    const InZone zone{kEurope};
    CHECK(resolved("18:00", "2026-11-22T12:00:00Z") == "2026-11-22T17:00:00.000Z");
    CHECK(resolved("18:00", "2026-11-22T17:00:00Z") == "2026-11-22T17:00:00.000Z");
    CHECK(resolved("18:00", "2026-11-22T17:00:00.001Z") == "2026-11-23T17:00:00.000Z");
    CHECK(resolved("00:30", "2026-11-22T23:15:00Z") == "2026-11-22T23:30:00.000Z");
    CHECK(resolved("18:00", "2026-11-22T12:00:00Z", Side::past) == "2026-11-21T17:00:00.000Z");
    CHECK(resolved("18:00", "2026-11-22T18:00:00Z", Side::past) == "2026-11-22T17:00:00.000Z");
}

TEST_CASE("yesterday, today and tomorrow are days of the local zone") {
    const InZone zone{kEurope};
    const std::string now = "2026-11-22T23:30:00Z";  // The 23rd, 0:30.
    CHECK(resolved("tomorrow", now) == "2026-11-23T23:00:00.000Z");
    CHECK(resolved("tomorrow 18:00", now) == "2026-11-24T17:00:00.000Z");
    CHECK(resolved("today", now) == "2026-11-22T23:00:00.000Z");
    CHECK(resolved("yesterday 06:00", now) == "2026-11-22T05:00:00.000Z");
}

TEST_CASE("a local time that the clocks skip is the moment they skip to") {
    const InZone zone{kEurope};
    CHECK(resolved("2027-03-28 02:30", "2027-01-01T00:00:00Z") == "2027-03-28T01:00:00.000Z");
    CHECK(resolved("2027-03-28 02:00", "2027-01-01T00:00:00Z") == "2027-03-28T01:00:00.000Z");
    CHECK(resolved("2027-03-28 01:59", "2027-01-01T00:00:00Z") == "2027-03-28T00:59:00.000Z");
    CHECK(resolved("2027-03-28 03:00", "2027-01-01T00:00:00Z") == "2027-03-28T01:00:00.000Z");
    CHECK(resolved("02:30", "2027-03-27T23:30:00Z") == "2027-03-28T01:00:00.000Z");
    CHECK(resolved("tomorrow 02:30", "2027-03-27T12:00:00Z") == "2027-03-28T01:00:00.000Z");
}

TEST_CASE("a day whose midnight the clocks skip begins where they skip to") {
    const InZone zone{kNoMidnight};
    CHECK(resolved("2026-11-01", "2026-12-01T00:00:00Z") == "2026-11-01T03:00:00.000Z");
    CHECK(resolved("tomorrow", "2026-10-31T12:00:00Z") == "2026-11-01T03:00:00.000Z");
}

TEST_CASE("a local time that the clocks show twice is the first one that is wanted") {
    const InZone zone{kEurope};
    CHECK(resolved("2027-10-31 02:30", "2027-01-01T00:00:00Z") == "2027-10-31T00:30:00.000Z");
    CHECK(resolved("02:30", "2027-10-31T00:00:00Z") == "2027-10-31T00:30:00.000Z");
    CHECK(resolved("02:30", "2027-10-31T00:45:00Z") == "2027-10-31T01:30:00.000Z");
    CHECK(resolved("02:30", "2027-10-31T00:45:00Z", Side::past) == "2027-10-31T00:30:00.000Z");
    CHECK(resolved("02:30", "2027-10-31T12:00:00Z", Side::past) == "2027-10-31T01:30:00.000Z");
}

TEST_CASE("texts that are not times are not parsed as times") {
    const std::string text = GENERATE(
        as<std::string>{}, "", "noon", "18", "24:00", "18:60", "tomorrow18:00", "tomorrow ",
        "tomorrow  18:00", "2026-13-01", "2026-02-30", "2026-11-22 ", "2026-11-22 18", "now ",
        "18:00Z", "2026-11-22x18:00", "-1:00", "1:2:3:4", "todays", "NOW");
    CAPTURE(text);
    CHECK_FALSE(TimeText::parse(text));
}
