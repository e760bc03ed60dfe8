#include "base/regex.h"

#include <catch2/catch.hpp>

#include <array>

using namespace atlasjob;

namespace {

std::string fault(const std::string& pattern) {
    return Regex{pattern}.fault().value_or("(none)");
}

}  // namespace

TEST_CASE("a regular expression finds its first match and the groups of it") {
    const Regex regex{R"(step (\d+) of (\d+))"};
    CHECK_FALSE(regex.fault());
    CHECK(regex.groups() == 2);
    std::array<std::string_view, 2> found;
    REQUIRE(regex.search("at step 3 of 12, then step 4 of 12", found));
    CHECK(found[0] == "3");
    CHECK(found[1] == "12");
    CHECK_FALSE(regex.search("step x of 12", found));
}

TEST_CASE("a group that took no part in the match is empty") {
    const Regex regex{"a(b)?(c)"};
    std::array<std::string_view, 2> found{"old", "old"};
    REQUIRE(regex.search("ac", found));
    CHECK(found[0].empty());
    CHECK(found[1] == "c");
}

TEST_CASE("a pattern's fault is named with its place") {
    CHECK(fault("(a)") == "(none)");
    CHECK(fault("([") == "missing closing ] at byte 2: \"[\"");
    CHECK(fault("x [z-a](b)") == "invalid range of characters at byte 4: \"z-a\"");
    CHECK(fault("(a)\\1") == "invalid escape sequence at byte 4: \"\\1\"");
    CHECK(fault("(?=x)(a)") == "unsupported group at byte 1: \"(?=\"");
    CHECK(fault("(a) *+") == "repetition of a repetition at byte 5: \"*+\"");
    CHECK(fault("(a{1001})") == "too many repetitions at byte 3: \"{1001}\"");
    CHECK(fault("(a") == "missing closing )");
    CHECK(fault("(\xff)") == "not UTF-8");
    CHECK(Regex{"(a"}.groups() == 0);
}

TEST_CASE("a pattern that is too long or needs too much memory is refused") {
    CHECK(fault(std::string(1024, 'x')) == "(none)");
    CHECK(fault(std::string(1025, 'x')) == "longer than 1024 bytes");
    CHECK(fault(R"(\pL{1000})") == "needs too much memory");
}

TEST_CASE("deep nesting and nested repetition neither overflow the stack nor take forever") {
    CHECK_FALSE(Regex{std::string(500, '(') + std::string(500, ')')}.fault());
    std::array<std::string_view, 1> found;
    CHECK_FALSE(Regex{"(?:(?:a+)+)+(b)"}.search(std::string(1 << 20, 'a'), found));
}

TEST_CASE("text that is not UTF-8 is searched all the same") {
    std::array<std::string_view, 1> found;
    REQUIRE(Regex{R"((\d+)%)"}.search("caf\xe9 42%", found));
    CHECK(found[0] == "42");
}
