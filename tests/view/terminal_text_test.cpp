#include "view/terminal_text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace atlasjob;
using view::terminal_text;

TEST_CASE("text without control characters is shown as it is") {
    CHECK(terminal_text("").empty());
    CHECK(terminal_text("a\tb  \n\nnaïve 日本") == "a\tb  \n\nnaïve 日本");
}

TEST_CASE("a carriage return overwrites the line from its beginning") {
    CHECK(terminal_text(" 10 %\r 20 %\r100 %\ndone\n") == "100 %\ndone\n");
    CHECK(terminal_text("abcdef\rxy") == "xycdef");
    CHECK(terminal_text("windows\r\nlines\r\n") == "windows\nlines\n");
    CHECK(terminal_text("unfinished\r") == "unfinished");
    CHECK(terminal_text("日本\ra") == "a 本");
    CHECK(terminal_text("a日\r  b") == "  b");
    CHECK(terminal_text("e\xcc\x81x\rab") == "ab");
    CHECK(terminal_text("xx\re\xcc\x81") == "e\xcc\x81x");
}

TEST_CASE("blanks that wipe out a progress bar are not shown") {
    CHECK(terminal_text("[#####]\r       \rdone\n") == "done\n");
    CHECK(terminal_text("[#####]\r       \r\n") == "\n");
}

TEST_CASE("colours, titles and other escape sequences are removed") {
    CHECK(terminal_text("\x1b[1;31merror:\x1b[0m no  \n") == "error: no  \n");
    CHECK(
        terminal_text("\x1b]0;a title\aa\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n") == "alink\n");
    CHECK(
        terminal_text("\x1b(Ba\x1b=b\x1bPdata\x1b\\c\x1b"
                      "7d\x1b"
                      "8")
        == "abcd");
    CHECK(
        terminal_text("a\xc2\x9b"
                      "31mb\xc2\x9d"
                      "title\xc2\x9c"
                      "c\xc2\x85"
                      "d")
        == "abcd");
    CHECK(terminal_text("naïve \xc2\xa9") == "naïve \xc2\xa9");
    CHECK(terminal_text(std::string{"be\al\0l\x7f\v", 8}) == "bell");
}

TEST_CASE("movements along the line and erased parts are applied") {
    CHECK(terminal_text("abc\x1b[2Kd") == "   d");
    CHECK(terminal_text("abc\r\x1b[Kd") == "d");
    CHECK(terminal_text("abcd\x1b[2D\x1b[K!") == "ab!");
    CHECK(terminal_text("abcd\x1b[1G\x1b[1Cx") == "axcd");
    CHECK(terminal_text("old\x1b[2J\x1b[Hnew") == "new");
    CHECK(terminal_text("10%\b\b\b20%") == "20%");
    CHECK(terminal_text("abc\x1b[2D\x1b[1Kd") == " dc");
}

TEST_CASE("a sequence that is broken or cut off harms nothing but itself") {
    CHECK(terminal_text("a\x1b") == "a");
    CHECK(terminal_text("a\x1b[31") == "a");
    CHECK(terminal_text("a\x1b[3\nb") == "a\nb");
    CHECK(terminal_text("a\x1b]title\nb") == "a\nb");
    CHECK(terminal_text("a\x1b[99999999999999999999Cb").size() < 1000);
    CHECK(terminal_text("a\x1b[999999999Cb\x1b[999999999Dc").substr(0, 1) == "c");
}

TEST_CASE("thousands of updates of a line leave its last state, in bounded memory") {
    std::string text;
    for (int i = 0; i <= 3000; ++i)
        text += "\r" + std::to_string(i) + "/3000 downloading";
    CHECK(terminal_text(text + "\nfinished\n") == "3000/3000 downloading\nfinished\n");
    // A line wider than any screen loses nothing.
    const std::string wide = "\x1b[0m" + std::string(200'000, 'x');
    CHECK(terminal_text(wide) == std::string(200'000, 'x'));
}

TEST_CASE("a sequence that is cut off can be left for the next part of the text") {
    using view::length_of_whole_sequences;
    CHECK(length_of_whole_sequences("abc") == 3);
    CHECK(length_of_whole_sequences("a\x1b[0mb\x1b[3") == 6);
    CHECK(length_of_whole_sequences("ab\x1b") == 2);
    CHECK(length_of_whole_sequences("ab\x1b]0;tit") == 2);
    CHECK(length_of_whole_sequences("\x1b[31m") == 5);
}
