#include "logs/log_record.h"

#include "support/fake_clock.h"

#include <catch2/catch.hpp>

namespace atlasjob {

namespace {

const Time kNoon = from_ms(test::FakeClock::kStartMs);

std::string text_of(const LogRecord& record) {
    std::string text;
    RecordWriter{}.append(text, record);
    return text;
}

}  // namespace

TEST_CASE("a record is a line of the CRI log format") {
    CHECK(
        text_of({kNoon + milliseconds{250}, Stream::standard_output, false, "a text"})
        == "2026-11-22T12:00:00.250000000Z stdout F a text\n");
    CHECK(
        text_of({kNoon, Stream::standard_error, true, ""})
        == "2026-11-22T12:00:00.000000000Z stderr P \n");
}

TEST_CASE("records with any text round-trip") {
    for (const Stream stream : {Stream::standard_output, Stream::standard_error}) {
        for (const bool partial : {false, true}) {
            for (const std::string& text : {std::string{}, std::string{"\0\r\xff a", 5}}) {
                const std::string line = text_of({kNoon, stream, partial, text});
                CHECK(line.size() == kRecordOverhead + text.size() + 1);
                const auto record = parse_record(std::string_view{line}.substr(0, line.size() - 1));
                REQUIRE(record.has_value());
                CHECK(record->time == kNoon);
                CHECK(record->stream == stream);
                CHECK(record->partial == partial);
                CHECK(record->text == text);
            }
        }
    }
}

TEST_CASE("malformed records are not parsed") {
    const std::string line = "2026-11-22T12:00:00.250000000Z stdout F a text";
    for (std::size_t length = 0; length < kRecordOverhead; ++length)
        CHECK_FALSE(parse_record(line.substr(0, length)).has_value());
    CHECK_FALSE(parse_record("2026-11-22T12:00:00.250000000Z stdlog F a text").has_value());
    CHECK_FALSE(parse_record("2026-11-22T12:00:00.250000000Z stdout Q a text").has_value());
    CHECK_FALSE(parse_record("2026-13-22T12:00:00.250000000Z stdout F a text").has_value());
}

}  // namespace atlasjob
