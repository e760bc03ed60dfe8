#include "base/printable.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using namespace std::string_literals;

TEST_CASE("every character that a terminal acts on is shown by its number") {
    CHECK(escape_controls("\x1b[2Jx\x07") == "\\u{1b}[2Jx\\u{7}");
    CHECK(escape_controls("a\nb\tc\r") == "a\\u{a}b\\u{9}c\\u{d}");
    CHECK(escape_controls("a\0b"s) == "a\\u{0}b");
    CHECK(escape_controls("\x7f\xc2\x9b") == "\\u{7f}\\u{9b}");
    // NOLINTNEXTLINE(misc-misleading-bidirectional): the characters under test
    CHECK(escape_controls("\xe2\x80\xae\xe2\x81\xa6\xd8\x9c") == "\\u{202e}\\u{2066}\\u{61c}");
    CHECK(escape_controls("\xff") == "\xEF\xBF\xBD");
    CHECK(escape_controls("naïve 日本 ✅") == "naïve 日本 ✅");
    CHECK(escape_controls("").empty());
}

TEST_CASE("escaping the control characters of JSON does not change its value") {
    const std::string json = "{\"text\":\"a\xc2\x9b\x7f\xe2\x80\xae\"}";
    const std::string escaped = escape_json_controls(json);
    CHECK(escaped == R"({"text":"a\u009b\u007f\u202e"})");
    CHECK(nlohmann::json::parse(escaped) == nlohmann::json::parse(json));
}
