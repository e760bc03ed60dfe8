#include "view/json_object.h"

#include <catch2/catch.hpp>

using atlasjob::view::indented_json;

TEST_CASE("indented JSON has one member a line and two spaces a level") {
    CHECK(indented_json("1.50") == "1.50");
    CHECK(indented_json("{}") == "{}");
    CHECK(indented_json("[]") == "[]");
    CHECK(
        indented_json(R"({"b":[1,{"c":null}],"a":{},"d":[]})")
        == "{\n  \"b\": [\n    1,\n    {\n      \"c\": null\n    }\n  ],\n  \"a\": {},\n  \"d\": []\n}");
}

TEST_CASE("indenting JSON leaves strings unchanged") {
    CHECK(
        indented_json(R"({"a{,:[":"\"},\\","b":"[]"})")
        == "{\n  \"a{,:[\": \"\\\"},\\\\\",\n  \"b\": \"[]\"\n}");
}
