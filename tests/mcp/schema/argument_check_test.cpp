#include "mcp/schema/argument_check.h"

#include "base/error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

using namespace atlasjob;
using Catch::Matchers::Contains;
using mcp::ArgumentCheck;
using nlohmann::json;

namespace {

constexpr auto* kSchema = R"({
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "count": {"type": "integer", "minimum": 1},
        "ratio": {"type": ["number", "null"]},
        "mode": {"enum": ["fast", "slow"]}
    },
    "required": ["name"],
    "additionalProperties": false
})";

std::string problem(const char* arguments) {
    return ArgumentCheck{kSchema}.problem(json::parse(arguments));
}

}  // namespace

TEST_CASE("valid arguments have no problem") {
    CHECK(problem(R"({"name":"a"})").empty());
    CHECK(problem(R"({"name":"a","count":3,"ratio":null,"mode":"fast"})").empty());
    CHECK(problem(R"({"name":"a","ratio":0.5})").empty());
}

TEST_CASE("a problem names the argument, its value and what is allowed") {
    CHECK_THAT(problem("{}"), Contains("name is missing") && Contains("string"));
    CHECK_THAT(problem(R"({"name":5})"), Contains("name is 5") && Contains("string"));
    CHECK_THAT(problem(R"({"name":"a","ratio":"x"})"), Contains("number or null"));
    CHECK_THAT(
        problem(R"({"name":"a","count":1.5})"), Contains("count is 1.5; it must be integer"));
    CHECK_THAT(
        problem(R"({"name":"a","modes":1})"),
        Contains("\"modes\"") && Contains("did you mean mode?"));
    CHECK_THAT(
        problem(R"({"count":"x","zzzzzz":1})"),
        Contains("name is missing") && Contains("count is \"x\"") && Contains("\"zzzzzz\""));
}

TEST_CASE("a value outside its range, choice, length or pattern is named with what is allowed") {
    constexpr auto* kWide = R"({"type": "object", "properties": {
        "count": {"type": "integer", "minimum": 1, "maximum": 100},
        "least": {"type": "number", "minimum": 0.5},
        "most": {"type": "number", "maximum": 9},
        "mode": {"type": "string", "enum": ["fast", "slow"]},
        "name": {"type": "string", "minLength": 1, "maxLength": 3},
        "word": {"type": "string", "pattern": "^[a-z]+$"},
        "list": {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["a", "b"]}},
        "map": {"type": "object", "additionalProperties": {"type": "string"}}
    }, "required": ["mode"]})";
    const auto problem_of = [&](const json& invalid) {
        json arguments = {{"mode", "fast"}};
        arguments.update(invalid);
        return ArgumentCheck{kWide}.problem(arguments);
    };
    CHECK(problem_of({{"count", 500}}) == "count is 500; it must be from 1 to 100");
    CHECK(problem_of({{"count", 0}}) == "count is 0; it must be from 1 to 100");
    CHECK(problem_of({{"least", 0}}) == "least is 0; it must be at least 0.5");
    CHECK(problem_of({{"most", 9.5}}) == "most is 9.5; it must be at most 9");
    CHECK(problem_of({{"mode", "other"}}) == "mode is \"other\"; it must be one of fast, slow");
    CHECK(problem_of({{"name", ""}}) == "name is \"\"; it must be from 1 to 3 characters long");
    CHECK(problem_of({{"name", "üüü"}}).empty());
    CHECK(
        problem_of({{"name", "abcd"}})
        == "name is \"abcd\"; it must be from 1 to 3 characters long");
    CHECK(
        problem_of({{"word", "A"}}) == "word is \"A\"; it must be a string that matches ^[a-z]+$");
    CHECK(
        problem_of({{"list", json::array()}}) == "list is []; it must be at least 1 elements long");
    CHECK(problem_of({{"list", {"a", "c"}}}) == "list[1] is \"c\"; it must be one of a, b");
    CHECK(problem_of({{"list", {1}}}) == "list[0] is 1; it must be string");
    CHECK(problem_of({{"map", {{"k", 1}}}}) == "map.k is 1; it must be string");
    CHECK(
        ArgumentCheck{kWide}.problem(json::object())
        == "mode is missing; it must be one of fast, slow");
    CHECK(
        problem_of({{"count", 0}, {"mode", 5}})
        == "count is 0; it must be from 1 to 100; mode is 5; it must be string");
}

TEST_CASE("a problem with another keyword is reported in the validator's words") {
    const ArgumentCheck check{
        R"({"type":"object","properties":{"n":{"type":"integer","multipleOf":3}}})"};
    CHECK(check.problem({{"n", 6}}).empty());
    CHECK_THAT(check.problem({{"n", 7}}), Contains("n"));
}

TEST_CASE("a long invalid value is quoted in part") {
    const json arguments = {{"name", json::array({std::string(3000, 'x')})}};
    CHECK(ArgumentCheck{kSchema}.problem(arguments).size() < 300);
}

TEST_CASE("a string too long for its pattern is refused before it is matched") {
    const ArgumentCheck check{kSchema};
    CHECK(check.problem({{"name", std::string(4096, 'a')}}).empty());
    CHECK_THAT(check.problem({{"name", std::string(500'000, 'a')}}), Contains("4096"));
    CHECK_THAT(check.problem({{std::string(500'000, 'a'), 1}}), Contains("4096"));
    const ArgumentCheck plain{R"({"type":"object","properties":{"name":{"type":"string"}}})"};
    CHECK(plain.problem({{"name", std::string(500'000, 'a')}}).empty());
}

TEST_CASE("the length limit applies only to strings with a pattern") {
    const std::string text(5000, 'a');
    const ArgumentCheck check{
        R"({"type":"object","properties":{"id":{"type":"string","pattern":"^a+$"},"text":{"type":"string"},)"
        R"("list":{"type":"array","items":{"type":"string","pattern":"^a+$"}}}})"};
    CHECK(check.problem({{"id", "a"}, {"text", text}}).empty());
    CHECK_THAT(check.problem({{"id", text}, {"text", text}}), Contains("id is longer than 4096"));
    CHECK_THAT(check.problem({{"list", json::array({"a", text})}}), Contains("list is longer"));
    for (const auto* keyword :
         {R"("patternProperties":{"^t":{"type":"string"}})",
          R"("additionalProperties":{"type":"string","pattern":"^a+$"})",
          R"("allOf":[{"properties":{"text":{"pattern":"^a+$"}}}])"}) {
        CAPTURE(keyword);
        const ArgumentCheck other{fmt::format(R"({{"type":"object",{}}})", keyword)};
        CHECK_THAT(other.problem({{"text", text}}), Contains("text is longer than 4096"));
    }
}

TEST_CASE("an invalid schema is an internal error") {
    for (const auto* text : {"", "{", R"({"type":5})"}) {
        CAPTURE(text);
        try {
            const ArgumentCheck check{text};
            CHECK(check.problem(json::object()).empty());
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::internal);
        }
    }
}

TEST_CASE("an optional argument that is null counts as not given, a required one as invalid") {
    const ArgumentCheck check{R"({"type": "object", "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer", "minimum": 1},
        "ratio": {"type": ["number", "null"]},
        "mode": {"enum": ["fast", null]},
        "any": {"description": "any JSON"}
    }, "required": ["name"], "additionalProperties": false})"};
    const json given = check.given(json::parse(
        R"({"name": null, "count": null, "ratio": null, "mode": null, "any": null, "x": null})"));
    CHECK(
        given
        == json::parse(R"({"name": null, "ratio": null, "mode": null, "any": null, "x": null})"));
    CHECK_THAT(check.problem(given), Contains("name is null") && Contains("\"x\""));
    CHECK(check.problem(check.given(json::parse(R"({"name":"a","count":null})"))).empty());
}

TEST_CASE("a number without a fraction is an integer where one is asked for, at any depth") {
    const ArgumentCheck check{R"({"type": "object", "properties": {
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "maybe": {"type": ["integer", "null"]},
        "ratio": {"type": "number"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "map": {"type": "object", "properties": {"a": {"type": "integer"}},
                "additionalProperties": {"type": "integer"}}
    }, "additionalProperties": false})"};
    const auto given = [&](const char* arguments) { return check.given(json::parse(arguments)); };
    const json all =
        given(R"({"count":5.0,"maybe":-1e3,"ratio":2.0,"list":[1.0,2],"map":{"a":3.0,"b":4.0}})");
    CHECK(
        all.dump() == R"({"count":5,"list":[1,2],"map":{"a":3,"b":4},"maybe":-1000,"ratio":2.0})");
    CHECK(check.problem(given(R"({"count":5.0,"list":[1.0],"map":{"b":4.0}})")).empty());
    CHECK_THAT(
        check.problem(given(R"({"count":5.5})")), Contains("count is 5.5; it must be integer"));
    CHECK_THAT(check.problem(given(R"({"count":10.0})")), Contains("from 1 to 9"));
    CHECK_THAT(check.problem(given(R"({"count":1e300})")), Contains("from 1 to 9"));
}
