#include "mcp/schema/arguments.h"

#include "mcp/tools/bound.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob;
using nlohmann::json;

namespace {

struct AllArgs {
    std::string text = "default";
    std::optional<std::string> maybe;
    bool flag = false;
    int number = 7;
    std::optional<std::int64_t> offset;
    std::size_t lines = 50;
    double seconds = 1.5;
    std::vector<std::string> list;
    std::map<std::string, std::string> pairs;
    mcp::TextsOrPairs label;
    std::optional<mcp::JsonText> any;

    template <class Argument>
    void each(Argument& argument) {
        argument("text", text);
        argument("maybe", maybe);
        argument("flag", flag);
        argument("number", number);
        argument("offset", offset);
        argument("lines", lines);
        argument("seconds", seconds);
        argument("list", list);
        argument("pairs", pairs);
        argument("label", label);
        argument("any", any);
    }
};

AllArgs parsed(const json& arguments) {
    AllArgs args;
    const mcp::ArgumentReader reader{arguments};
    args.each(reader);
    return args;
}

mcp::ToolAnswer echo(const mcp::ToolContext& /*context*/, const AllArgs& args) {
    return mcp::ToolResult{args.text};
}

}  // namespace

TEST_CASE("arguments become the members of a struct") {
    const AllArgs args = parsed(json::parse(R"({
        "text": "t", "maybe": "m", "flag": true, "number": -3, "offset": 9007199254740991,
        "lines": 2, "seconds": 0.25, "list": ["a", "b"], "pairs": {"k": "v"}, "label": "x=1",
        "any": {"b": [1, null]}, "unknown": 1})"));
    CHECK(args.text == "t");
    CHECK(args.maybe == "m");
    CHECK(args.flag);
    CHECK(args.number == -3);
    CHECK(args.offset == 9007199254740991);
    CHECK(args.lines == 2);
    CHECK(args.seconds == 0.25);
    CHECK(args.list == std::vector<std::string>{"a", "b"});
    CHECK(args.pairs == std::map<std::string, std::string>{{"k", "v"}});
    CHECK(args.label.texts == std::vector<std::string>{"x=1"});
    CHECK(args.any.value().text == R"({"b":[1,null]})");
}

TEST_CASE("a missing or null argument leaves the default, and only any JSON can be null") {
    json nulls;
    for (const auto* name :
         {"text", "maybe", "flag", "number", "offset", "lines", "seconds", "list"})
        nulls[name] = nullptr;
    const AllArgs args = parsed(GENERATE_COPY(json::object(), nulls));
    CHECK(args.text == "default");
    CHECK_FALSE(args.maybe);
    CHECK_FALSE(args.flag);
    CHECK(args.number == 7);
    CHECK_FALSE(args.offset);
    CHECK(args.lines == 50);
    CHECK(args.seconds == 1.5);
    CHECK(args.list.empty());
    CHECK_FALSE(args.any);
    CHECK(parsed({{"any", nullptr}}).any.value().text == "null");
}

TEST_CASE("an integer may be written with a fraction of zero") {
    const AllArgs args = parsed(json::parse(R"({"number": 5.0, "offset": 1e3, "lines": 4.0})"));
    CHECK(args.number == 5);
    CHECK(args.offset == 1000);
    CHECK(args.lines == 4);
}

TEST_CASE("a label is a string, an array of strings or an object") {
    const auto list = parsed(json::parse(R"({"label": ["a=1", "b=2"]})")).label;
    CHECK(list.texts == std::vector<std::string>{"a=1", "b=2"});
    CHECK(list.pairs.empty());
    const auto pairs = parsed(json::parse(R"({"label": {"a=b": "2"}})")).label;
    CHECK(pairs.texts.empty());
    CHECK(pairs.pairs == std::map<std::string, std::string>{{"a=b", "2"}});
}

TEST_CASE("a bound function names its arguments in the order of its struct") {
    const auto names = mcp::kBound<echo>.argument_names();
    REQUIRE(names.size() == 11);
    CHECK(names.front() == "text");
    CHECK(names.back() == "any");
}

TEST_CASE("messages quote a text as JSON") {
    CHECK(mcp::quoted_json("a\"b\n") == R"("a\"b\n")");
}
