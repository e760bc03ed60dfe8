#include "rpc/reply.h"

#include "base/error.h"
#include "support/captured_output.h"

#include <catch2/catch.hpp>

#include <optional>

using atlasjob::rpc::raw_member;

TEST_CASE("a member's text is extracted byte for byte") {
    CHECK(raw_member(R"({"id":12})", "id") == "12");
    CHECK(raw_member(R"( { "id" : "a\"}, b" , "x":1 } )", "id") == R"("a\"}, b")");
    CHECK(raw_member(R"({"a":[1,{"id":2}],"id":[{"x":"]"},3],"b":0})", "id") == R"([{"x":"]"},3])");
    CHECK(raw_member(R"({"a":"id","id":3})", "id") == "3");
    CHECK(raw_member(R"({"a\\":"\\","id":4})", "id") == "4");
}

TEST_CASE("the last value of a duplicate key wins") {
    CHECK(raw_member(R"({"id":1,"id":2})", "id") == "2");
}

TEST_CASE("a key below the top level is not found") {
    CHECK(raw_member("{}", "id").empty());
    CHECK(raw_member(R"({"a":{"id":1},"ids":2,"i":"id"})", "id").empty());
}

using namespace atlasjob;
using test::CapturedOutput;

TEST_CASE("a reply can be sent once and throws when sent again") {
    CapturedOutput output;
    {
        rpc::Reply reply{output, "1"};
        CHECK(reply.pending());
        reply.result("{}");
        CHECK_FALSE(reply.pending());
        CHECK_THROWS_AS(reply.result("{}"), Error);
        CHECK_THROWS_AS(reply.error({-1, "late"}), Error);
    }
    CHECK(output.text() == "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
}

TEST_CASE("after a move only the new owner of a reply sends it") {
    CapturedOutput output;
    std::optional<rpc::Reply> kept;
    {
        rpc::Reply reply{output, R"("a")"};
        kept.emplace(std::move(reply));
        // NOLINTNEXTLINE(bugprone-use-after-move,clang-analyzer-cplusplus.Move): under test
        CHECK_FALSE(reply.pending());
    }
    CHECK(output.lines().empty());
    kept.reset();
    REQUIRE(output.lines().size() == 1);
    CHECK(output.text().find(R"("id":"a","error":{"code":-32603)") != std::string::npos);
}

TEST_CASE("an error carries its data unchanged and its message escaped") {
    CapturedOutput output;
    rpc::Reply reply{output, "2"};
    reply.error({-32002, "no \"x\"\n\xff", R"({"uri":"a"})"});
    CHECK(
        output.text()
        == "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32002,\"message\":\"no "
           "\\\"x\\\"\\n\xEF\xBF\xBD\",\"data\":{\"uri\":\"a\"}}}\n");
}
