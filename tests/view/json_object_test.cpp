#include "view/json_object.h"

#include <catch2/catch.hpp>

using atlasjob::view::indented_json;

TEST_CASE("JSON is written in lines as other systems write it") {
    CHECK(indented_json("1.50") == "1.50");
    CHECK(indented_json("{}") == "{}");
    CHECK(indented_json("[]") == "[]");
    CHECK(
        indented_json(R"({"b":[1,{"c":null}],"a":{},"d":[]})")
        == "{\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ],\n  \"a\": {},\n  \"d\": []\n}");
}

TEST_CASE("What stands in a text is left alone") {
    CHECK(
        indented_json(R"({"a{,:[":"\"},\\","b":"[]"})")
        == "{\n  \"a{,:[\": \"\\\"},\\\\\",\n  \"b\": \"[]\"\n}");
}
