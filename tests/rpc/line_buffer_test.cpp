#include "rpc/line_buffer.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

using atlasjob::rpc::LineBuffer;

namespace {

constexpr std::string_view kTooLong = "<too long>";

std::string text_of(const LineBuffer::Line& line) {
    return std::string{line.too_long ? kTooLong : line.text};
}

/// The lines of `bytes` when they arrive in pieces of `piece` bytes.
std::vector<std::string> lines_of(
    std::string_view bytes, std::size_t piece, std::size_t max_line = 1000) {
    LineBuffer buffer{max_line};
    std::vector<std::string> lines;
    while (!bytes.empty()) {
        const auto room = buffer.room();
        REQUIRE_FALSE(room.empty());
        const std::size_t count = std::min({piece, room.size(), bytes.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        buffer.filled(count);
        bytes.remove_prefix(count);
        while (const auto line = buffer.next())
            lines.push_back(text_of(*line));
    }
    if (const auto line = buffer.rest()) lines.push_back(text_of(*line));
    CHECK_FALSE(buffer.rest());
    return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("lines are the same however the bytes are split") {
    const std::size_t piece = GENERATE(1U, 2U, 3U, 5U, 100U);
    CHECK(lines_of("one\ntwo\r\n\n\r\nthree", piece) == Lines{"one", "two", "", "", "three"});
    CHECK(lines_of("a\rb\n\r\r\n", piece) == Lines{"a\rb", "\r"});
    CHECK(lines_of("", piece).empty());
    CHECK(lines_of("\n", piece) == Lines{""});
}

TEST_CASE("a line at the limit is kept, a longer one is dropped and reading continues") {
    const std::size_t piece = GENERATE(1U, 7U, 64U);
    const std::string fits(20, 'x');
    CHECK(lines_of(fits + "\nnext\n", piece, 20) == Lines{fits, "next"});
    CHECK(lines_of(fits + "\r\nnext\n", piece, 20) == Lines{fits, "next"});
    CHECK(lines_of(fits + "y\nnext\n", piece, 20) == Lines{std::string{kTooLong}, "next"});
    CHECK(lines_of(fits + "yyyyyy", piece, 20) == Lines{std::string{kTooLong}});
}

TEST_CASE("each line over the limit is reported once") {
    std::string bytes;
    for (int i = 0; i < 3; ++i)
        bytes += std::string(200'000, 'x') + "\nok\n";
    const std::string dropped{kTooLong};
    CHECK(lines_of(bytes, 65536, 1000) == Lines{dropped, "ok", dropped, "ok", dropped, "ok"});
}

TEST_CASE("a huge line is returned whole and its memory is released") {
    LineBuffer buffer{4'000'000};
    const std::string huge(3'000'000, 'h');
    std::string_view rest = huge;
    while (!rest.empty()) {
        const auto room = buffer.room();
        const std::size_t count = std::min(room.size(), rest.size());
        std::copy_n(rest.begin(), count, room.begin());
        buffer.filled(count);
        rest.remove_prefix(count);
        REQUIRE_FALSE(buffer.next());
    }
    buffer.room()[0] = '\n';
    buffer.filled(1);
    const auto line = buffer.next();
    REQUIRE(line);
    CHECK(line->text == huge);
    CHECK(buffer.room().size() <= 65536);
}
