#include "base/json_parts.h"

#include <catch2/catch.hpp>

using namespace atlasjob;

namespace {

std::string told(std::string_view object) {
    std::string text;
    for (const JsonMember& member : members_of(object))
        text += member.key + "=" + std::string{member.value} + ";";
    return text;
}

}  // namespace

TEST_CASE("An object is taken apart into its members, each value as it stands there") {
    CHECK(told("{}").empty());
    CHECK(told(" { } ").empty());
    CHECK(told(R"({"a":1})") == "a=1;");
    CHECK(
        told(R"( {"a" : 1.50 , "b":[1,{"c":"],}"}],"c": {"x":"\"}"} , "a":null} )")
        == R"(a=1.50;b=[1,{"c":"],}"}];c={"x":"\"}"};a=null;)");
    CHECK(told(R"({"\u00e9\n":"\\"})") == "\xC3\xA9\n=\"\\\\\";");
}

TEST_CASE("An array is taken apart into its elements") {
    using Elements = std::vector<std::string_view>;
    CHECK(elements_of("[]") == Elements{});
    CHECK(elements_of(" [ ] ") == Elements{});
    CHECK(
        elements_of(R"([1 , "a,]", [2,[3]],{"b":[]}])")
        == Elements{"1", R"("a,]")", "[2,[3]]", R"({"b":[]})"});
}

TEST_CASE("A JSON string says what its escapes stand for") {
    CHECK(text_of_json_string(R"("plain")") == "plain");
    CHECK(
        text_of_json_string(R"("a\"b\\c\u0000\ud83d\ude00")")
        == std::string{"a\"b\\c\0\xF0\x9F\x98\x80", 10});
}
