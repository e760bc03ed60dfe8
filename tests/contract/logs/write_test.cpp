#include "contract/logs/log_case.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace atlasjob::test {

TEST_CASE_METHOD(LogCase, "lines of both streams are kept in order of arrival with their times") {
    const auto log = writer();
    put(*log, kOut, "one\n");
    clock.advance(milliseconds{1500});
    put(*log, kErr, "oh\n");
    const auto lines = logs->follow(id, {})->skip_to_tail({9});
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].text == "one");
    CHECK(lines[0].stream == kOut);
    CHECK(lines[1].text == "oh");
    CHECK(lines[1].stream == kErr);
    CHECK(lines[1].time == clock.now());
    CHECK(lines[1].time - lines[0].time == milliseconds{1500});
}

TEST_CASE_METHOD(LogCase, "output is read by every store on the same place") {
    const auto other = place->open(clock);
    const auto log = writer();
    put(*log, kOut, "one\n");
    CHECK(other->page({id}, 0, 100).text == "one\n");
    CHECK(LogCase::read(*other->follow(id, {})) == "one\n");
}

TEST_CASE_METHOD(LogCase, "an attempt without output keeps nothing") {
    { const auto log = writer(); }
    CHECK(logs->extent(id) == LogExtent{});
    CHECK(remove_output(1) == 0);
    CHECK(text().empty());
    CHECK(tail(5).empty());
    CHECK(LogCase::read(*logs->follow(id, {})).empty());
}

TEST_CASE_METHOD(LogCase, "a line written in pieces is one record") {
    const auto log = writer();
    put(*log, kOut, "be");
    CHECK(log->holds_partial());
    put(*log, kErr, "between\n");
    CHECK(text() == "between\n");
    put(*log, kOut, "gin\n");
    CHECK_FALSE(log->holds_partial());
    CHECK(text() == "between\nbegin\n");
    int records = 0;
    const auto follower = logs->follow(id, {});
    while (follower->read_some({[&](const LogRecord&) { ++records; }, [] {}})) {
    }
    CHECK(records == 2);
}

TEST_CASE_METHOD(LogCase, "an unfinished line is read once it was flushed or its writer is gone") {
    auto log = writer();
    put(*log, kOut, "prompt> ");
    CHECK(text().empty());
    log->flush_partial();
    CHECK_FALSE(log->holds_partial());
    CHECK(text() == "prompt> ");
    put(*log, kOut, "answer\nrest");
    log.reset();
    CHECK(text() == "prompt> answer\nrest");
}

TEST_CASE_METHOD(LogCase, "partial lines are joined per stream with invalid bytes unchanged") {
    const auto log = writer();
    log->write(kOut, "a\xff");
    log->flush_partial();
    log->write(kErr, "err\n");
    log->write(kOut, "b\nopen");
    log->flush_partial();
    const auto lines = logs->follow(id, {})->skip_to_tail({5});
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "err");
    CHECK(lines[1].text == "a\xff" "b");
    CHECK(lines[1].complete);
    CHECK(lines[2].text == "open");
    CHECK_FALSE(lines[2].complete);
}

TEST_CASE_METHOD(LogCase, "any bytes read back as written however they were split") {
    std::mt19937 random{42};
    std::string written;
    for (int i = 0; i < 300'000; ++i)
        written += static_cast<char>(random() % 7 == 0 ? '\n' : random());
    {
        const auto log = writer(1, 64 << 20);
        for (std::size_t at = 0; at < written.size();) {
            const std::size_t length = std::min<std::size_t>(random() % 5000, written.size() - at);
            log->write(kOut, std::string_view{written}.substr(at, length));
            if (random() % 3 == 0) log->flush_partial();
            at += length;
        }
    }
    CHECK(LogCase::read(*logs->follow(id, {})) == written);
}

TEST_CASE_METHOD(LogCase, "output within its limit keeps head and tail and drops the middle") {
    constexpr std::int64_t kLimit = 40'000;
    const auto log = writer(1, kLimit);
    for (int n = 0; n < 5000; n += 100) {
        put(*log, kOut, numbered(n, n + 100));
        REQUIRE(log->bytes() <= kLimit);
        REQUIRE(logs->extent(id).bytes == log->bytes());
    }
    const std::string kept = LogCase::read(*logs->follow(id, {}));
    CHECK(kept.starts_with(numbered(0, 10)));
    CHECK(kept.ends_with(numbered(4990, 5000)));
    CHECK(kept.find("line 2500\n") == std::string::npos);
    CHECK(kept.find("[...]") != std::string::npos);
}

TEST_CASE_METHOD(LogCase, "one endless line stays within even a small limit") {
    int attempt = 0;
    for (const std::int64_t limit : {4096, 10'000, 100'000}) {
        const auto log = writer(++attempt, limit);
        for (int i = 0; i < 50; ++i) {
            log->write(kOut, std::string(9999, static_cast<char>('a' + i % 26)));
            REQUIRE(log->bytes() <= limit);
        }
        log->flush_partial();
        const std::string kept = LogCase::read(*logs->follow(id, {attempt, attempt}));
        CHECK(kept.starts_with("aaa"));
        CHECK(kept.ends_with(static_cast<char>('a' + 49 % 26)));
    }
}

TEST_CASE_METHOD(LogCase, "a note by atlasjob is a line of its own on standard error") {
    const auto log = writer();
    put(*log, kOut, "half");
    log->note("report ignored");
    CHECK(text(kOut) == "half");
    CHECK(text(kErr) == "atlasjob: report ignored\n");
}

TEST_CASE_METHOD(LogCase, "a writable log has no obstacle and no unwritten bytes") {
    const auto log = writer();
    CHECK_FALSE(log->why_unwritable());
    put(*log, kOut, "x\n");
    CHECK(log->unwritten_bytes() == 0);
    CHECK(log->bytes() > 0);
    const LogHealth health = logs->check();
    INFO(health.text);
    CHECK(health.ok);
    CHECK_FALSE(logs->display().empty());
}

TEST_CASE_METHOD(LogCase, "the extent changes with every piece of output and only then") {
    const auto log = writer(1, kSmallLimit);
    LogExtent before = logs->extent(id);
    for (int n = 0; n < 300; n += 5) {
        CHECK(logs->extent(id) == before);
        put(*log, kOut, numbered(n, n + 5));
        const LogExtent after = logs->extent(id);
        CHECK_FALSE(after == before);
        before = after;
    }
    put(*writer(2), kOut, "x\n");
    CHECK_FALSE(logs->extent(id) == before);
    CHECK(logs->extent(JobId::make(clock.now())) == LogExtent{});
}

}  // namespace atlasjob::test
