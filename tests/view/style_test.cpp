#include "view/style.h"

#include "view/sample.h"
#include "view/table.h"
#include "view/time_format.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;

TEST_CASE("control characters in a job's text never reach the terminal") {
    CHECK(view::printable("a\x1b[31mb") == "a\\u{1b}[31mb");
    CHECK(view::printable("a\nb\tc\r") == "a b c ");
    CHECK(view::printable("bell\x07") == "bell\\u{7}");
    CHECK(view::printable("csi\xc2\x9b") == "csi\\u{9b}");
    // NOLINTNEXTLINE(misc-misleading-bidirectional): the character under test
    CHECK(view::printable("rtl\xe2\x80\xae") == "rtl\\u{202e}");
    CHECK(view::printable("\xff") == "\xEF\xBF\xBD");
    CHECK(view::printable("naïve 日本") == "naïve 日本");
}

TEST_CASE("text that is too wide is cut between characters, by display columns") {
    CHECK(view::display_width("日本") == 4);
    CHECK(view::display_width("e\xcc\x81") == 1);
    CHECK(view::fitted("abcdef", 6) == "abcdef");
    CHECK(view::fitted("abcdefg", 6) == "abcde…");
    CHECK(view::fitted("日本語", 5) == "日本…");
    CHECK(view::fitted("日本語", 4) == "日…");
    CHECK(view::fitted("abcdef", 0) == "abcdef");
}

TEST_CASE("the display width of a character matches the terminal's") {
    CHECK(view::display_width("нет") == 3);                       // Cyrillic
    CHECK(view::display_width("हिन्दी") == 5);                     // a virama; spacing vowel signs
    CHECK(view::display_width("ไทย้") == 3);                       // a tone mark
    CHECK(view::display_width("שָׁ") == 1);                         // points
    CHECK(view::display_width("한국") == 4);                      // syllables
    CHECK(view::display_width("\xe1\x84\x92\xe1\x85\xa1") == 2);  // a syllable from its parts
    CHECK(view::display_width("✅🦀") == 4);
    CHECK(
        view::display_width("a\xe2\x80\x8d"
                            "b")
        == 2);  // a joiner
    CHECK(view::display_width("Ｗ—…") == 4);
}

TEST_CASE("a command line is quoted so that a shell can read it back") {
    const std::vector<std::string> argv = {"grep", "-e", "[0-9]", "it's", "", "a=b"};
    CHECK(view::command_text(argv) == R"(grep -e '[0-9]' 'it'\''s' '' a=b)");
}

TEST_CASE("a line end or a tab in an argument is not shown as a space") {
    const std::vector<std::string> argv = {"printf", "%s", "a\nb", "c\td"};
    CHECK(view::command_text(argv) == R"(printf %s 'a\u{a}b' 'c\u{9}d')");
}

TEST_CASE("text is coloured only when colour is enabled") {
    CHECK(view::painted("x", view::Color::bad, {true, 0}) == "\x1b[31mx\x1b[0m");
    CHECK(view::painted("x", view::Color::bad, {false, 80}) == "x");
}

TEST_CASE("a duration shows its two largest units") {
    CHECK(view::span_text(0ms) == "0ms");
    CHECK(view::span_text(-5s) == "0ms");
    CHECK(view::span_text(999ms) == "999ms");
    CHECK(view::span_text(1000ms) == "1s");
    CHECK(view::span_text(192s) == "3m 12s");
    CHECK(view::span_text(2h) == "2h");
    CHECK(view::span_text(2h + 5s) == "2h");
    CHECK(view::span_text(49h + 59min + 59s) == "2d 1h");
}

TEST_CASE("a time is shown relative to now and in local time") {
    const ZoneGuard zone{"Europe/Berlin"};
    const Time now = at("2026-11-22T12:00:00Z");
    CHECK(view::time_text(now - 192s, now) == "3m 12s ago (12:56:48)");
    CHECK(view::time_text(now + 90min, now) == "in 1h 30m (14:30:00)");
    CHECK(view::time_text(now - 500ms, now) == "just now (12:59:59)");
    CHECK(view::clock_text(at("2026-11-21T23:30:00Z"), now) == "00:30:00");
    CHECK(view::clock_text(at("2026-11-21T22:30:00Z"), now) == "2026-11-21 23:30:00");
    CHECK(view::clock_text(at("2026-07-01T12:00:00Z"), now) == "2026-07-01 14:00:00");
}

TEST_CASE("a table aligns its columns, has no trailing spaces and shrinks the flexible column") {
    view::Table table{{{"N", true}, {"WHAT", false, true}, {"NOTE"}}};
    table.add({{"7"}, {"short"}, {""}});
    table.add({{"1234"}, {"a rather long title"}, {"ok"}});
    CHECK(
        table.text({})
        == "   N  WHAT                 NOTE\n"
           "   7  short\n"
           "1234  a rather long title  ok\n");
    CHECK(
        table.text({false, 24})
        == "   N  WHAT          NOTE\n"
           "   7  short\n"
           "1234  a rather lo…  ok\n");
}
