#include "base/json_text.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <random>

using namespace atlasjob;

namespace {

std::string members_text(std::string_view object) {
    std::string text;
    for (const JsonMember& member : members_of(object))
        text += member.key + "=" + std::string{member.value} + ";";
    return text;
}

}  // namespace

TEST_CASE("an object is split into members with their raw values") {
    CHECK(members_text("{}").empty());
    CHECK(members_text(" { } ").empty());
    CHECK(members_text(R"({"a":1})") == "a=1;");
    CHECK(
        members_text(R"( {"a" : 1.50 , "b":[1,{"c":"],}"}],"c": {"x":"\"}"} , "a":null} )")
        == R"(a=1.50;b=[1,{"c":"],}"}];c={"x":"\"}"};a=null;)");
    CHECK(members_text(R"({"\u00e9\n":"\\"})") == "\xC3\xA9\n=\"\\\\\";");
}

TEST_CASE("an array is split into its raw elements") {
    using Elements = std::vector<std::string_view>;
    CHECK(elements_of("[]") == Elements{});
    CHECK(elements_of(" [ ] ") == Elements{});
    CHECK(
        elements_of(R"([1 , "a,]", [2,[3]],{"b":[]}])")
        == Elements{"1", R"("a,]")", "[2,[3]]", R"({"b":[]})"});
}

TEST_CASE("JSON string escapes are decoded") {
    CHECK(text_of_json_string(R"("plain")") == "plain");
    CHECK(
        text_of_json_string(R"("a\"b\\c\u0000\ud83d\ude00")")
        == std::string{"a\"b\\c\0\xF0\x9F\x98\x80", 10});
}

using namespace atlasjob;
using namespace std::string_view_literals;

namespace {

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

std::string json_string(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

std::string number(double value) {
    std::string json;
    append_json_number(json, value);
    return json;
}

}  // namespace

TEST_CASE("compacting removes only the white space between tokens") {
    CHECK(compact_json(" { \"a\" : [ 1 , 2 ] ,\r\n\t\"b\" : null } ") == R"({"a":[1,2],"b":null})");
    CHECK(compact_json(R"(" a \" b ")") == R"(" a \" b ")");
    CHECK(compact_json(R"({"a\\" : " }"})") == R"({"a\\":" }"})");
    CHECK(compact_json("\xEF\xBB\xBF{}") == "{}");
}

TEST_CASE("compact JSON is unchanged by compacting") {
    const auto json = GENERATE(
        "{}"sv, "[]"sv, "null"sv, "true"sv, "false"sv, "0"sv, "-0.0"sv, R"("")"sv, R"("\u00e4")"sv,
        "\"\xC3\xA4\xF0\x9F\x98\x80\""sv);
    CHECK(compact_json(json) == json);
}

TEST_CASE("compacting keeps number digits and duplicate keys and key order") {
    const auto json = GENERATE(
        "123456789012345678901234567890"sv, "1.10"sv, "1E5"sv, "1e-999"sv,
        "0.1000000000000000055"sv, R"({"b":1,"a":2,"b":3})"sv, R"({"":{"":{}}})"sv);
    CHECK(compact_json(json) == json);
}

TEST_CASE("compacting rejects anything but one JSON value in UTF-8") {
    const auto text = GENERATE(
        ""sv, " "sv, "{"sv, "}"sv, "[1,]"sv, "{\"a\":1,}"sv, "{a:1}"sv, "'a'"sv, "01"sv, "1."sv,
        ".5"sv, "+1"sv, "1 2"sv, "{}{}"sv, "NaN"sv, "Infinity"sv, "-"sv, "nul"sv, "True"sv,
        "\"\n\""sv, "\"\\x\""sv, "\"\\u12\""sv, "\"\\ud800\""sv, "\"open"sv, "\"\xFF\""sv,
        "\"\xED\xA0\x80\""sv, "/* */ 1"sv, "1 // one"sv);
    CAPTURE(text);
    CHECK_FALSE(compact_json(text));
}

TEST_CASE("a NUL byte does not end a JSON value early") {
    CHECK_FALSE(compact_json("1\0"sv));
    CHECK_FALSE(compact_json("{}\0garbage"sv));
    CHECK_FALSE(compact_json("\"a\0b\""sv));
}

TEST_CASE("numbers beyond the range of a double are rejected") {
    CHECK_FALSE(compact_json("1e999"));
    CHECK(compact_json("1e308") == "1e308");
}

TEST_CASE("JSON nested to the limit is accepted and one level more is rejected") {
    CHECK(compact_json(nested(kDeepestJson)) == nested(kDeepestJson));
    CHECK_FALSE(compact_json(nested(kDeepestJson + 1)));
    CHECK_FALSE(compact_json(nested(1'000'000)));
}

TEST_CASE("brackets inside strings do not count as nesting") {
    CHECK_FALSE(nests_deeper_than(R"("[[[[")", 1));
    CHECK_FALSE(nests_deeper_than(R"(["\"[[["])", 1));
    CHECK(nests_deeper_than(R"(["\\",[[]]])", 2));
    CHECK_FALSE(nests_deeper_than("[][][]", 1));
    CHECK_FALSE(nests_deeper_than("]]][", 1));
    CHECK(nests_deeper_than("{[", 1));
}

TEST_CASE("a large value is compacted completely") {
    const std::string text(2'000'000, 'x');
    CHECK(compact_json("[ \"" + text + "\" ]") == "[\"" + text + "\"]");
}

TEST_CASE("every character below U+0800 survives a JSON string round trip") {
    for (unsigned c = 0; c < 0x800; ++c) {
        std::string text{"<"};
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else {
            text += static_cast<char>(0xC0U | c >> 6U);
            text += static_cast<char>(0x80U | (c & 0x3FU));
        }
        text += '>';
        if (nlohmann::json::parse(json_string(text)) != text) FAIL("lost U+" << std::hex << c);
    }
}

TEST_CASE("JSON strings use short escapes and keep characters beyond ASCII") {
    CHECK(json_string("\"\\\n\r\t\b\f") == R"("\"\\\n\r\t\b\f")");
    CHECK(json_string("\x01\x1F"sv) == R"("\u0001\u001f")");
    CHECK(json_string("\0"sv) == R"("\u0000")");
    CHECK(json_string("/\xC3\xA4\xF0\x9F\x98\x80") == "\"/\xC3\xA4\xF0\x9F\x98\x80\"");
    CHECK(json_string("") == R"("")");
}

TEST_CASE("arbitrary bytes always become a valid JSON string") {
    std::mt19937 random{42};  // NOLINT(cert-msc51-cpp): the same bytes in every run
    std::uniform_int_distribution<int> any_byte{0, 255};
    for (int n = 0; n < 2'000; ++n) {
        std::string bytes(24, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(any_byte(random));
        const std::string json = json_string(bytes);
        REQUIRE(compact_json(json) == json);
    }
    CHECK(json_string("a\xFFz") == "\"a\xEF\xBF\xBDz\"");
}

TEST_CASE("a JSON number is the shortest round-trip form and always has a fraction or exponent") {
    CHECK(number(1.0) == "1.0");
    CHECK(number(0.0) == "0.0");
    CHECK(number(0.42) == "0.42");
    CHECK(number(0.1 + 0.2) == "0.30000000000000004");
    CHECK(number(-2.0) == "-2.0");
}

TEST_CASE("JSON numbers round-trip") {
    std::mt19937_64 random{42};  // NOLINT(cert-msc51-cpp): the same numbers in every run
    std::uniform_real_distribution<double> any{0.0, 1.0};
    for (int n = 0; n < 20'000; ++n) {
        const double value = any(random);
        if (nlohmann::json::parse(number(value)).get<double>() != value) FAIL("lost " << value);
    }
    for (const double value :
         {std::numeric_limits<double>::min(), std::numeric_limits<double>::max(),
          std::numeric_limits<double>::denorm_min(), 1e16, -1e300}) {
        CHECK(nlohmann::json::parse(number(value)).get<double>() == value);
        CHECK(nlohmann::json::parse(number(value)).is_number_float());
    }
}
