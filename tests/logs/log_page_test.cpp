#include "logs/log_page.h"

#include "logs/output_log.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace atlasjob {

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

struct Fixture {
    explicit Fixture(std::int64_t limit_bytes)
        : log({dir.path(), id, 1, limit_bytes}, clock), source{dir.path(), id} {}

    /// Reads all pages from `offset` to the current end and advances `offset`.
    std::string read_from(std::int64_t& offset, std::size_t limit_bytes) const {
        std::string text;
        for (;;) {
            const LogPage page = read_log_page(source, offset, limit_bytes);
            if (page.dropped) text += "[...]";
            text += page.text;
            offset = page.next_offset;
            if (page.at_end) return text;
        }
    }

    test::TempDir dir;
    test::FakeClock clock;
    JobId id = JobId::make(clock.now());
    OutputLog log;
    LogSource source;
};

}  // namespace

TEST_CASE("pages continue across every rotation without loss or repetition") {
    Fixture f{4096};
    const std::size_t limit_bytes = GENERATE(1U, 17U, 256U, 100'000U);
    std::int64_t offset = 0;
    std::string written;
    std::string read;
    // Read after every line, so that nothing is dropped unread.
    for (int line = 0; line < 300; ++line) {
        const std::string text = fmt::format("line {} äöü\n", line);
        f.log.write(line % 3 == 0 ? kErr : kOut, text);
        written += text;
        read += f.read_from(offset, limit_bytes);
    }
    CHECK(read == written);
    CHECK(log_files(f.dir.path(), f.id).back().segment == 0);
    CHECK(log_files(f.dir.path(), f.id).size() == 4);
}

TEST_CASE("an offset stays valid after rotation") {
    Fixture f{4096};
    f.log.write(kOut, "first\nsecond\n");
    const LogPage first = read_log_page(f.source, 0, 6);
    CHECK(first.text == "first\n");
    CHECK(first.next_offset == 6);
    for (int line = 0; line < 30; ++line)
        f.log.write(kOut, fmt::format("line {}\n", line));
    CHECK(log_files(f.dir.path(), f.id).size() > 1);
    CHECK(read_log_page(f.source, 6, 7).text == "second\n");
}

TEST_CASE("a gap in the middle of a log is marked") {
    Fixture f{4096};
    for (int line = 0; line < 300; ++line)
        f.log.write(kOut, fmt::format("line {}\n", line));
    std::int64_t offset = 0;
    const std::string text = f.read_from(offset, 100);
    const std::size_t mark = text.find("[...]");
    REQUIRE(mark != std::string::npos);
    CHECK(text.find("[...]", mark + 1) == std::string::npos);
    CHECK(text.starts_with("line 0\nline 1\n"));
    CHECK(text.ends_with("line 298\nline 299\n"));
    CHECK(text.substr(mark).starts_with("[...]line "));
    CHECK(text[mark - 1] == '\n');
    // Reading continues from the offset after the gap.
    CHECK(f.read_from(offset, 100).empty());
    f.log.write(kOut, "more\n");
    CHECK(f.read_from(offset, 100) == "more\n");
}

TEST_CASE("an offset into a dropped file continues with the next remaining one") {
    Fixture f{4096};
    std::int64_t offset = 0;
    for (int line = 0; line < 60; ++line)
        f.log.write(kOut, fmt::format("line {}\n", line));
    f.read_from(offset, 100);
    for (int line = 60; line < 400; ++line)
        f.log.write(kOut, fmt::format("line {}\n", line));
    const LogPage page = read_log_page(f.source, offset, 100'000);
    CHECK(page.dropped);
    CHECK(page.at_end);
    CHECK(page.text.ends_with("line 399\n"));
    CHECK(page.text.starts_with("line "));
}

TEST_CASE("a tail returns the offset to continue from for one stream and both") {
    Fixture f{4096};
    for (int line = 0; line < 100; ++line)
        f.log.write(line % 2 == 0 ? kOut : kErr, fmt::format("line {}\n", line));
    f.log.write(kOut, "open");
    f.log.flush_partial();
    LogSource out = f.source;
    out.only = kOut;
    for (const LogSource& source : {f.source, out}) {
        const LogPage tail = read_log_tail(source, 2, 1000);
        CHECK(tail.text.ends_with("\nopen"));
        CHECK(tail.at_end);
        CHECK(read_log_page(source, tail.next_offset, 100).text.empty());
    }
    const std::int64_t offset = read_log_tail(out, 1, 1000).next_offset;
    f.log.write(kErr, "error\n");
    f.log.write(kOut, " closed\n");
    CHECK(read_log_page(out, offset, 100).text == " closed\n");
}

TEST_CASE("a tail keeps the newest lines that fit and truncates a single long line") {
    Fixture f{1 << 20};
    f.log.write(kOut, "aaaa\nbbbb\ncccc\n");
    CHECK(read_log_tail(f.source, 10, 10).text == "bbbb\ncccc\n");
    CHECK(read_log_tail(f.source, 10, 9).text == "cccc\n");
    CHECK(read_log_tail(f.source, 10, 3).text == "cc\n");
    f.log.write(kOut, "äää\n");
    CHECK(read_log_tail(f.source, 10, 4).text == "ä\n");
}

TEST_CASE("a missing log or an unknown offset reads as empty") {
    Fixture f{4096};
    for (const std::int64_t offset :
         {std::int64_t{0}, std::int64_t{7}, (std::int64_t{1} << 53) - 1}) {
        const LogPage page = read_log_page(f.source, offset, 100);
        CHECK(page.text.empty());
        CHECK(page.at_end);
        CHECK(page.next_offset == offset);
    }
    CHECK(read_log_tail(f.source, 10, 100).text.empty());
    CHECK(read_log_tail(f.source, 10, 100).next_offset == 0);
    f.log.write(kOut, "text\n");
    CHECK(read_log_page(f.source, 1 << 20, 100).text.empty());
}

}  // namespace atlasjob
