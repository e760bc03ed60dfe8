#include "mcp/argument_check.h"

#include "base/error.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

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

TEST_CASE("Arguments that fit have no problem") {
    CHECK(problem(R"({"name":"a"})").empty());
    CHECK(problem(R"({"name":"a","count":3,"ratio":null,"mode":"fast"})").empty());
    CHECK(problem(R"({"name":"a","ratio":0.5})").empty());
}

TEST_CASE("Each problem names the argument, what is wrong and what is allowed") {
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

TEST_CASE("What only the schema knows is told in its validator's words") {
    CHECK_THAT(problem(R"({"name":"a","count":0})"), Contains("count"));
    CHECK_THAT(problem(R"({"name":"A"})"), Contains("name"));
    CHECK_THAT(problem(R"({"name":"a","mode":"other"})"), Contains("mode"));
}

TEST_CASE("A long wrong value is quoted in part") {
    const json arguments = {{"name", json::array({std::string(3000, 'x')})}};
    CHECK(ArgumentCheck{kSchema}.problem(arguments).size() < 300);
}

TEST_CASE("A text too long for a regular expression is refused before it is tried") {
    const ArgumentCheck check{kSchema};
    CHECK(check.problem({{"name", std::string(4096, 'a')}}).empty());
    CHECK_THAT(check.problem({{"name", std::string(500'000, 'a')}}), Contains("4096"));
    CHECK_THAT(check.problem({{std::string(500'000, 'a'), 1}}), Contains("4096"));
    const ArgumentCheck plain{R"({"type":"object","properties":{"name":{"type":"string"}}})"};
    CHECK(plain.problem({{"name", std::string(500'000, 'a')}}).empty());
}

TEST_CASE("A text that is no schema is our own fault") {
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
