#include "base/url.h"

#include <catch2/catch.hpp>

using atlasjob::normalized_url;

TEST_CASE("equivalent spellings of a URL normalize to the same text") {
    const std::string one = "https://gis.example.com/GP/Merge%20it";
    for (const char* way :
         {"https://gis.example.com/GP/Merge%20it", "https://gis.example.com/GP/Merge it",
          "HTTPS://GIS.example.COM/GP/Merge%20it/", "https://gis.example.com:443/%47P/Merge%20it",
          "https://gis.example.com/GP/Merge%20it///"}) {
        CHECK(normalized_url(way) == one);
    }
    CHECK(normalized_url(one) == one);
    CHECK(normalized_url("http://h:80/a%2fb%C3%A9") == normalized_url("HTTP://H/a%2Fb\xC3\xA9"));
}

TEST_CASE("any text can be escaped as one path segment") {
    CHECK(atlasjob::url_segment("Output_1-a.b~") == "Output_1-a.b~");
    CHECK(atlasjob::url_segment("a/b c?%\xC3\xA9") == "a%2Fb%20c%3F%25%C3%A9");
}

TEST_CASE("URLs that differ in meaning stay different") {
    CHECK(normalized_url("https://h/a\"<b>") == "https://h/a%22%3Cb%3E");
    CHECK(normalized_url("https://h/a") != normalized_url("http://h/a"));
    CHECK(normalized_url("https://h/a") != normalized_url("https://h/A"));
    CHECK(normalized_url("https://h/a%2Fb") != normalized_url("https://h/a/b"));
    CHECK(normalized_url("https://h:8443/a") != normalized_url("https://h/a"));
    CHECK(normalized_url("http://h:443/a") != normalized_url("http://h/a"));
    CHECK(normalized_url("https://h/a?f=json") != normalized_url("https://h/a"));
}

TEST_CASE("malformed URLs pass through normalization") {
    CHECK(normalized_url("").empty());
    CHECK(normalized_url("///").empty());
    CHECK(normalized_url("://") == ":");
    CHECK(normalized_url("task%") == "task%");
    CHECK(normalized_url("task%2") == "task%2");
    CHECK(normalized_url("task%zz") == "task%zz");
}
