#include "base/base64.h"

#include <catch2/catch.hpp>

#include <random>

using namespace atlasjob;

TEST_CASE("base64 follows RFC 4648") {
    const auto [bytes, text] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {std::string{"\xfb\xff\x00", 3}, "+/8A"},
    }));
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
}

TEST_CASE("base64 round-trips arbitrary bytes") {
    std::mt19937 random{20261122};
    for (std::size_t size = 0; size < 200; ++size) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i)
            bytes += static_cast<char>(random() & 255U);
        CHECK(from_base64(to_base64(bytes)) == bytes);
    }
}

TEST_CASE("decoding rejects malformed base64") {
    const auto* text = GENERATE(
        "Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm9v=", "=Zm9", "Zg==Zg==", "Zm 9", "Zm9-",
        "Zm9\n");
    INFO(text);
    CHECK_FALSE(from_base64(text).has_value());
}
