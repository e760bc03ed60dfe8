#include "contract/logs/log_case.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace atlasjob::test {

TEST_CASE_METHOD(LogCase, "pages continue without loss or repetition while output is written") {
    const std::size_t limit_bytes = GENERATE(1U, 17U, 256U, 100'000U);
    const auto log = writer(1, kSmallLimit);
    std::int64_t offset = 0;
    std::string written;
    std::string read;
    // Read after every line, so that nothing is dropped unread.
    for (int line = 0; line < 300; ++line) {
        const std::string text = fmt::format("line {} äöü\n", line);
        put(*log, line % 3 == 0 ? kErr : kOut, text);
        written += text;
        read += read_from(offset, limit_bytes);
    }
    CHECK(read == written);
    CHECK(offset < std::int64_t{1} << 53);
}

TEST_CASE_METHOD(LogCase, "an offset stays valid as more is written") {
    const auto log = writer(1, kSmallLimit);
    put(*log, kOut, "first\nsecond\n");
    const LogPage first = logs->page({id}, 0, 6);
    CHECK(first.text == "first\n");
    CHECK_FALSE(first.at_end);
    for (int line = 0; line < 30; ++line)
        put(*log, kOut, fmt::format("line {}\n", line));
    CHECK(logs->page({id}, first.next_offset, 7).text == "second\n");
}

TEST_CASE_METHOD(LogCase, "dropped output is marked once and where it is missing") {
    const auto log = writer(1, kSmallLimit);
    for (int line = 0; line < 300; ++line)
        put(*log, kOut, fmt::format("line {}\n", line));
    std::int64_t offset = 0;
    const std::string text = read_from(offset, 100);
    const std::size_t mark = text.find("[...]");
    REQUIRE(mark != std::string::npos);
    CHECK(text.find("[...]", mark + 1) == std::string::npos);
    CHECK(text.starts_with("line 0\nline 1\n"));
    CHECK(text.ends_with("line 298\nline 299\n"));
    CHECK(text.substr(mark).starts_with("[...]line "));
    CHECK(text[mark - 1] == '\n');
    // Reading continues from the offset after the gap.
    CHECK(read_from(offset, 100).empty());
    put(*log, kOut, "more\n");
    CHECK(read_from(offset, 100) == "more\n");
}

TEST_CASE_METHOD(LogCase, "an offset into dropped output continues with what is left") {
    const auto log = writer(1, kSmallLimit);
    std::int64_t offset = 0;
    put(*log, kOut, numbered(0, 60));
    read_from(offset, 100);
    put(*log, kOut, numbered(60, 400));
    const LogPage page = logs->page({id}, offset, 100'000);
    CHECK(page.dropped);
    CHECK(page.at_end);
    CHECK(page.text.starts_with("line "));
    CHECK(page.text.ends_with("line 0399\n"));
}

TEST_CASE_METHOD(LogCase, "a page of one stream skips the other") {
    const auto log = writer();
    put(*log, kOut, "a\n");
    put(*log, kErr, "b\n");
    put(*log, kOut, "c\n");
    CHECK(text(kOut) == "a\nc\n");
    CHECK(text(kErr) == "b\n");
    CHECK(text() == "a\nb\nc\n");
    std::int64_t offset = 0;
    CHECK(read_from(offset, 1, kErr) == "b\n");
}

TEST_CASE_METHOD(LogCase, "an incomplete character is left for the next page until the end") {
    const auto log = writer();
    log->write(kOut, "x\xc3");
    log->flush_partial();
    const LogPage open = logs->page({id}, 0, 100);
    CHECK(open.text == "x");
    CHECK(logs->page({id, 1, {}, true}, open.next_offset, 100).text == "\xEF\xBF\xBD");
    put(*log, kOut, "\xa4\n");
    CHECK(logs->page({id}, open.next_offset, 100).text == "ä\n");
}

TEST_CASE_METHOD(LogCase, "a tail returns the offset to continue from for one stream and both") {
    const auto log = writer(1, kSmallLimit);
    for (int line = 0; line < 100; ++line)
        put(*log, line % 2 == 0 ? kOut : kErr, fmt::format("line {}\n", line));
    log->write(kOut, "open");
    log->flush_partial();
    for (const LogSource& source : {LogSource{id}, LogSource{id, 1, kOut}}) {
        const LogPage tail = logs->tail(source, {2, 1000});
        CHECK(tail.text.ends_with("\nopen"));
        CHECK(tail.at_end);
        CHECK(logs->page(source, tail.next_offset, 100).text.empty());
    }
    const LogSource out{id, 1, kOut};
    const std::int64_t offset = logs->tail(out, {1, 1}).next_offset;
    put(*log, kErr, "error\n");
    put(*log, kOut, " closed\n");
    CHECK(logs->page(out, offset, 100).text == " closed\n");
}

TEST_CASE_METHOD(LogCase, "a tail keeps the newest lines that fit and truncates a long one") {
    const auto log = writer();
    put(*log, kOut, "aaaa\nbbbb\ncccc\n");
    const LogSource all{id};
    CHECK(logs->tail(all, {2, 100}).text == "bbbb\ncccc\n");
    CHECK(logs->tail(all, {10, 10}).text == "bbbb\ncccc\n");
    CHECK(logs->tail(all, {10, 9}).text == "cccc\n");
    CHECK(logs->tail(all, {10, 3}).text == "cc\n");
    put(*log, kOut, "äää\n");
    CHECK(logs->tail(all, {10, 4}).text == "ä\n");
}

TEST_CASE_METHOD(LogCase, "a tail searches only the newest output unless told otherwise") {
    const auto log = writer(1, 64 << 20);
    put(*log, kErr, "early error\n");
    for (int n = 0; n < 5; ++n)
        put(*log, kOut, std::string(1 << 20, 'x') + "\n");
    const LogSource errors{id, 1, kErr};
    CHECK(logs->tail(errors, {5, 1000}).text.empty());
    CHECK(logs->tail(errors, {5, 1000, logs->extent(id).bytes}).text == "early error\n");
}

TEST_CASE_METHOD(LogCase, "a missing attempt or an unknown offset reads as empty") {
    const LogSource all{id};
    for (const std::int64_t offset :
         {std::int64_t{0}, std::int64_t{7}, (std::int64_t{1} << 53) - 1}) {
        const LogPage page = logs->page(all, offset, 100);
        CHECK(page.text.empty());
        CHECK(page.at_end);
        CHECK(page.next_offset == offset);
    }
    CHECK(logs->tail(all, {10, 100}).text.empty());
    CHECK(logs->tail(all, {10, 100}).next_offset == 0);
    put(*writer(), kOut, "text\n");
    CHECK(logs->page(all, 1 << 20, 100).text.empty());
    CHECK(text({}, 2).empty());
}

}  // namespace atlasjob::test
