#include "base/text.h"

#include <catch2/catch.hpp>

#include <array>
#include <random>

using namespace atlasjob;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view kMark = "\xEF\xBF\xBD";

std::string encoded(char32_t c) {
    const auto byte = [](char32_t value) { return static_cast<char>(value); };
    if (c < 0x80) return {byte(c)};
    if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
    if (c < 0x10000)
        return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
    return {
        byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)),
        byte(0x80 | (c & 0x3F))};
}

bool is_surrogate(char32_t c) {
    return c >= 0xD800 && c <= 0xDFFF;
}

}  // namespace

TEST_CASE("every Unicode character has its UTF-8 length and surrogates have none") {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        const std::string text = encoded(c);
        const std::size_t expected = is_surrogate(c) ? 0 : text.size();
        if (utf8_length(text) != expected) FAIL("wrong length of character " << std::uint32_t{c});
    }
}

TEST_CASE("utf8_length measures only the first character") {
    CHECK(utf8_length("\xC3\xA4\xFF") == 2);
    CHECK(utf8_length("a\xFF") == 1);
    CHECK(utf8_length("\0"sv) == 1);
    CHECK(utf8_length("") == 0);
}

TEST_CASE("ill-formed UTF-8 has length 0") {
    const auto text = GENERATE(
        "\x80"sv, "\xBF"sv,                          // a continuation byte on its own
        "\xC0\x80"sv, "\xC1\xBF"sv,                  // overlong, two bytes
        "\xE0\x80\x80"sv, "\xE0\x9F\xBF"sv,          // overlong, three bytes
        "\xF0\x80\x80\x80"sv, "\xF0\x8F\xBF\xBF"sv,  // overlong, four bytes
        "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv,          // surrogates
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv,  // beyond U+10FFFF
        "\xFE"sv, "\xFF"sv,                          // never in UTF-8
        "\xC3"sv, "\xE2\x82"sv, "\xF0\x9F\x98"sv,    // cut short
        "\xC3(", "\xE2(\xA1"sv, "\xE2\x82(", "\xF0\x9F\x98(");
    CHECK(utf8_length(text) == 0);
}

TEST_CASE("repair_utf8 leaves well-formed text unchanged") {
    const auto text = GENERATE(""sv, "plain"sv, "a\0b"sv, "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"sv);
    CHECK(repair_utf8(text) == text);
}

TEST_CASE("repair_utf8 replaces exactly the bytes that belong to no character") {
    const std::string mark{kMark};
    CHECK(repair_utf8("\xFF") == mark);
    CHECK(repair_utf8("a\xFFz") == "a" + mark + "z");
    CHECK(repair_utf8("\xE2\x82z") == mark + mark + "z");
    CHECK(repair_utf8("\xED\xA0\x80") == mark + mark + mark);
    CHECK(repair_utf8("\xC3\xC3\xA4") == mark + "\xC3\xA4");
}

TEST_CASE("repairing arbitrary bytes gives well-formed text that a second repair does not change") {
    std::mt19937 random{42};  // NOLINT(cert-msc51-cpp): the same bytes in every run
    std::uniform_int_distribution<int> any_byte{0, 255};
    for (int n = 0; n < 2'000; ++n) {
        std::string bytes(32, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(any_byte(random));
        const std::string repaired = repair_utf8(bytes);
        for (std::string_view rest = repaired; !rest.empty();) {
            const std::size_t length = utf8_length(rest);
            REQUIRE(length > 0);
            rest.remove_prefix(length);
        }
        REQUIRE(repair_utf8(repaired) == repaired);
    }
}

TEST_CASE("split returns one part more than there are separators") {
    using Parts = std::vector<std::string_view>;
    CHECK(split("", ',') == Parts{""});
    CHECK(split("a", ',') == Parts{"a"});
    CHECK(split("a,b", ',') == Parts{"a", "b"});
    CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
}

TEST_CASE("trim removes white space from both ends only") {
    CHECK(trim(" \t\r\na b\n") == "a b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \n ").empty());
    CHECK(trim("").empty());
}

TEST_CASE("a misspelt word finds the intended candidate") {
    constexpr std::array kWords = {"status"sv, "submit"sv, "list"sv, "start"sv, "gc"sv};
    CHECK(nearest("statsu", kWords) == "status");
    CHECK(nearest("stauts", std::array<std::string_view, 2>{"start", "status"}) == "status");
    CHECK(nearest("submitt", kWords) == "submit");
    CHECK(nearest("lst", kWords) == "list");
    CHECK(nearest("g", kWords) == "gc");
    CHECK(nearest("status", kWords) == "status");
}

TEST_CASE("a word far from every candidate finds none") {
    constexpr std::array kWords = {"status"sv, "submit"sv};
    CHECK(nearest("frobnicate", kWords).empty());
    CHECK(nearest("sta", kWords).empty());
    CHECK(nearest("status", {}).empty());
}

TEST_CASE("parse_integer accepts only text that is entirely a number in range") {
    CHECK(parse_integer<int>("42") == 42);
    CHECK(parse_integer<int>("-42") == -42);
    CHECK(parse_integer<std::int64_t>("9223372036854775807") == INT64_MAX);
    CHECK_FALSE(parse_integer<std::int64_t>("9223372036854775808"));
    CHECK_FALSE(parse_integer<int>("2147483648"));
    CHECK_FALSE(parse_integer<unsigned>("-1"));
    for (const auto* text : {"", " 1", "1 ", "1.0", "+1", "0x1", "one"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_integer<int>(text));
    }
}
