#include "runner/attempt/escape_state.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>

using atlasjob::EscapeState;

namespace {

bool is_between(std::string_view bytes) {
    EscapeState state;
    for (const char& byte : bytes)
        state.feed({&byte, 1});
    return state.is_between_characters();
}

}  // namespace

TEST_CASE("text may be interrupted between its characters and its escape sequences only") {
    for (const std::string& whole :
         {std::string{}, std::string{"text\n"}, std::string{"\r 42%"}, std::string{"\xc3\xa9"},
          std::string{"\xe2\x82\xac"}, std::string{"\xf0\x9f\x98\x80"}, std::string{"\x1b[1;31m"},
          std::string{"\x1b[31mred\x1b[0m"}, std::string{"\x1b]0;title\x07"},
          std::string{"\x1b]8;;http://x\x1b\\"}, std::string{"\x1b(B"},
          std::string{"\x1b"
                      "7"},
          std::string{"\x1bP1$r0m\x1b\\"}}) {
        CAPTURE(whole);
        CHECK(is_between(whole));
        const std::size_t last = whole.size() - std::min<std::size_t>(whole.size(), 1);
        // Of a text that is one character or one sequence, no shorter beginning may be interrupted.
        const bool is_one = !whole.empty() && whole[0] != 't' && whole[0] != '\r'
                            && whole.find("red") == std::string::npos;
        for (std::size_t size = 1; is_one && size <= last; ++size)
            CHECK_FALSE(is_between(whole.substr(0, size)));
    }
}

TEST_CASE("an escape sequence that is cut short by another one ends with that") {
    CHECK_FALSE(is_between("\x1b[1;\x1b"));
    CHECK(is_between("\x1b[1;\x1b[0m"));
    CHECK(is_between("\x1b\x1b[0m"));
    // A character that is not continued is over.
    CHECK(
        is_between("\xe2\x82"
                   "a"));
}

TEST_CASE("a string that is not ended holds everything back") {
    CHECK_FALSE(is_between("\x1b]0;title and a line\n"));
    CHECK(is_between("\x1b]0;title\x1b[0m"));
}
