#include "rpc/raw_member.h"

#include <catch2/catch.hpp>

using atlasjob::rpc::raw_member;

TEST_CASE("A member's text is cut out as it stands") {
    CHECK(raw_member(R"({"id":12})", "id") == "12");
    CHECK(raw_member(R"( { "id" : "a\"}, b" , "x":1 } )", "id") == R"("a\"}, b")");
    CHECK(raw_member(R"({"a":[1,{"id":2}],"id":[{"x":"]"},3],"b":0})", "id") == R"([{"x":"]"},3])");
    CHECK(raw_member(R"({"a":"id","id":3})", "id") == "3");
    CHECK(raw_member(R"({"a\\":"\\","id":4})", "id") == "4");
}

TEST_CASE("Of a key that comes twice the last value counts") {
    CHECK(raw_member(R"({"id":1,"id":2})", "id") == "2");
}

TEST_CASE("A key that is not at the top is not found") {
    CHECK(raw_member("{}", "id").empty());
    CHECK(raw_member(R"({"a":{"id":1},"ids":2,"i":"id"})", "id").empty());
}
