#include "mcp/tool_bench.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

using namespace atlasjob;
using Catch::Matchers::Contains;
using nlohmann::json;
using test::ToolBench;

namespace {

constexpr Stream kOut = Stream::standard_output;
constexpr Stream kErr = Stream::standard_error;

/// Reads all output from `offset` on and advances `offset`; the bool is whether eof was reached.
std::pair<std::string, bool> read_available(
    ToolBench& bench, json arguments, std::int64_t& offset, int limit_bytes) {
    std::string text;
    for (;;) {
        arguments["offset"] = offset;
        arguments["limit_bytes"] = limit_bytes;
        const json page = bench.call("get_job_output", arguments);
        text += page.at("text").get<std::string>();
        offset = page.at("next_offset");
        if (page.at("eof") == true) return {text, true};
        if (page.at("text") == "") return {text, false};
    }
}

}  // namespace

TEST_CASE("get_job_output pages each stream byte by byte during and after the job") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    LogWriter& log = bench.log(attempt.job_id);
    const int limit = GENERATE(1, 3, 7, 1000);
    CAPTURE(limit);
    const json out = {{"job_id", attempt.job_id.view()}, {"stream", "stdout"}};
    const json err = {{"job_id", attempt.job_id.view()}, {"stream", "stderr"}};
    const json both = {{"job_id", attempt.job_id.view()}};
    std::int64_t out_at = 0;
    std::int64_t err_at = 0;
    std::int64_t both_at = 0;
    log.write(kOut, "häl");
    log.flush_partial();
    log.write(kErr, "a warning\n");
    CHECK(read_available(bench, out, out_at, limit) == std::pair{std::string{"häl"}, false});
    CHECK(out_at == 4);
    CHECK(
        read_available(bench, err, err_at, limit) == std::pair{std::string{"a warning\n"}, false});
    log.write(kOut, "lo\nend");
    log.flush_partial();
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    CHECK(read_available(bench, out, out_at, limit) == std::pair{std::string{"lo\nend"}, true});
    CHECK(read_available(bench, err, err_at, limit) == std::pair{std::string{}, true});
    CHECK(
        read_available(bench, both, both_at, limit)
        == std::pair{std::string{"häla warning\nlo\nend"}, true});
}

TEST_CASE("an incomplete character is left for the next page, and invalid bytes are replaced") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    LogWriter& log = bench.log(attempt.job_id);
    const json job = {{"job_id", attempt.job_id.view()}};
    std::int64_t at = 0;
    log.write(kOut, "a\xC3");
    log.flush_partial();
    CHECK(read_available(bench, job, at, 100) == std::pair{std::string{"a"}, false});
    log.write(kOut, "\xA4\xFF\xE2\x82");
    log.flush_partial();
    CHECK(read_available(bench, job, at, 100) == std::pair{std::string{"ä\xEF\xBF\xBD"}, false});
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    CHECK(
        read_available(bench, job, at, 100)
        == std::pair{std::string{"\xEF\xBF\xBD\xEF\xBF\xBD"}, true});
}

TEST_CASE("get_job_output without an offset returns the last lines and where to continue") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    LogWriter& log = bench.log(attempt.job_id);
    for (int line = 1; line <= 150; ++line)
        log.write(line % 2 == 0 ? kOut : kErr, fmt::format("{}\n", line));
    const json tail = bench.call(
        "get_job_output",
        {{"job_id", attempt.job_id.view()}, {"stream", "stdout"}, {"tail_lines", 2}});
    CHECK(tail.at("text") == "148\n150\n");
    CHECK(tail.at("eof") == false);
    log.write(kOut, "more\n");
    std::int64_t at = tail.at("next_offset");
    CHECK(
        read_available(bench, {{"job_id", attempt.job_id.view()}, {"stream", "stdout"}}, at, 100)
            .first
        == "more\n");
    const std::string by_default =
        bench.call("get_job_output", {{"job_id", attempt.job_id.view()}}).at("text");
    CHECK(std::count(by_default.begin(), by_default.end(), '\n') == 100);
}

TEST_CASE("get_job_output never returns more than limit_bytes") {
    ToolBench bench;
    const JobId id = bench.jobs().running().job_id;
    bench.log(id, 1, 64 << 20).write(kOut, std::string(1 << 20, '\xFF') + '\n');
    const json first = bench.call(
        "get_job_output", {{"job_id", id.view()}, {"offset", 0}, {"limit_bytes", 262'144}});
    CHECK(first.at("text").get<std::string>().size() <= 262'144);
    CHECK(first.at("text").get<std::string>().size() > 262'100);
    CHECK(first.at("next_offset") == 262'144 / 3);
    const json tail = bench.call("get_job_output", {{"job_id", id.view()}});
    CHECK(tail.at("text").get<std::string>().size() <= 262'144);
    CHECK(tail.at("text").get<std::string>().size() > 262'100);
}

TEST_CASE("each attempt has its own output, and an unknown attempt is refused") {
    ToolBench bench;
    const JobId id = bench.jobs().in(Status::error).job_id;
    bench.log(id, 1).write(kOut, "first\n");
    bench.store().retry(id, "alice");
    const auto text_of = [&](json more) {
        more["job_id"] = id.view();
        return bench.call("get_job_output", more);
    };
    CHECK(text_of(json::object()).at("text") == "first\n");
    CHECK(text_of(json::object()).at("eof") == true);
    bench.jobs().open_attempt(id);
    CHECK(text_of(json::object()).at("text") == "");
    CHECK(text_of(json::object()).at("eof") == false);
    bench.log(id, 2).write(kOut, "second\n");
    CHECK(text_of(json::object()).at("text") == "second\n");
    CHECK(text_of({{"attempt", 1}}).at("text") == "first\n");
    CHECK_THAT(
        bench.failure("get_job_output", {{"job_id", id.view()}, {"attempt", 3}}),
        Contains("attempt is 3; it must be from 1 to 2"));
    CHECK_THAT(
        bench.failure("get_job_output", {{"job_id", id.view()}, {"tail_lines", 3}, {"offset", 0}}),
        Contains("tail_lines and offset"));
    CHECK_THAT(
        bench.failure("get_job_output", {{"job_id", id.view()}, {"limit_bytes", 262'145}}),
        Contains("limit_bytes is 262145; it must be from 1 to 262144"));
}

TEST_CASE("a job without output has empty output, with eof once it has ended") {
    ToolBench bench;
    const auto empty = [](const JobId& id, bool eof) {
        return json{
            {"job_id", id.view()},
            {"text", ""},
            {"next_offset", 0},
            {"eof", eof},
            {"dropped", false}};
    };
    const JobId done = bench.jobs().in(Status::done).job_id;
    CHECK(bench.call("get_job_output", {{"job_id", done.view()}}) == empty(done, true));
    const JobId queued = bench.jobs().queued();
    CHECK(bench.call("get_job_output", {{"job_id", queued.view()}}) == empty(queued, false));
    const JobId cancelled = bench.jobs().queued();
    bench.store().request_cancel(cancelled, {"alice", {}, {}});
    CHECK(
        bench.call("get_job_output", {{"job_id", cancelled.view()}, {"offset", 0}})
        == empty(cancelled, true));
}

TEST_CASE("output is shown as at a terminal, and as written with raw") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    LogWriter& log = bench.log(attempt.job_id);
    std::string written;
    for (int i = 1; i <= 3000; ++i)
        written += fmt::format("\r{:4}/3000 downloading", i);
    written += "\n\x1b[32mfinished\x1b[0m\n";
    log.write(kOut, written);
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    const std::string shown = "3000/3000 downloading\nfinished\n";
    const auto text_of = [&](json more) {
        more["job_id"] = attempt.job_id.view();
        return bench.call("get_job_output", more).at("text").get<std::string>();
    };
    CHECK(text_of({{"tail_lines", 2}}) == shown);
    CHECK(text_of({{"tail_lines", 1}}) == "finished\n");
    CHECK(text_of({{"offset", 0}, {"limit_bytes", 262'144}}) == shown);
    CHECK(text_of({{"tail_lines", 2}, {"raw", true}}) == written);
    CHECK(text_of({{"offset", 0}, {"limit_bytes", 262'144}, {"raw", true}}) == written);
    // Lines before a long one are kept if it is short once it is shown.
    CHECK(text_of({{"tail_lines", 2}, {"limit_bytes", 40}}) == shown);
}

TEST_CASE("the pages of shown output cut neither a line nor an escape sequence in two") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    LogWriter& log = bench.log(attempt.job_id);
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        log.write(kOut, fmt::format("step {}: 1%\rstep {}: \x1b[1;38;5;196mdone\x1b[0m\n", i, i));
        expected += fmt::format("step {}: done\n", i);
    }
    const json job = {{"job_id", attempt.job_id.view()}};
    const int limit = GENERATE(64, 100, 1000, 100'000);
    CAPTURE(limit);
    std::int64_t at = 0;
    CHECK(read_available(bench, job, at, limit) == std::pair{expected, false});
    log.write(kOut, "working\x1b[");
    log.flush_partial();
    CHECK(read_available(bench, job, at, limit) == std::pair{std::string{"working"}, false});
    log.write(kOut, "31m on\x1b]0;title\a it\n");
    log.flush_partial();
    CHECK(read_available(bench, job, at, limit) == std::pair{std::string{" on it\n"}, false});
    log.write(kOut, "cut off\x1b[3");
    log.flush_partial();
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    CHECK(read_available(bench, job, at, limit) == std::pair{std::string{"cut off"}, true});
}

TEST_CASE("an escape sequence longer than a page is passed without a trace") {
    ToolBench bench;
    const AttemptKey attempt = bench.jobs().running();
    bench.log(attempt.job_id).write(kOut, "\x1b]8;;http://a.long.link\x1b\\a");
    bench.log(attempt.job_id).write(kOut, "b\n");
    REQUIRE(bench.store().finish(attempt, test::ended_done(), "worker"));
    std::string text;
    std::int64_t at = 0;
    for (bool eof = false; !eof;) {
        const json page = bench.call(
            "get_job_output",
            {{"job_id", attempt.job_id.view()}, {"offset", at}, {"limit_bytes", 4}});
        text += page.at("text").get<std::string>();
        REQUIRE((page.at("next_offset") > at || page.at("eof") == true));
        at = page.at("next_offset");
        eof = page.at("eof");
    }
    CHECK(text == "ab\n");
}

TEST_CASE("log_tail, the log resource and the prompt show output as at a terminal") {
    ToolBench bench;
    const JobId id = bench.jobs().in(Status::error).job_id;
    LogWriter& log = bench.log(id);
    log.write(kOut, "before\n");
    for (int i = 1; i <= 3000; ++i)
        log.write(kOut, fmt::format("\r{:4}/3000 downloading", i));
    log.write(kErr, "\x1b[31mboom\x1b[0m\n");
    log.write(kOut, "\n");
    const std::string shown = "before\nboom\n3000/3000 downloading\n";
    CHECK(bench.call("get_job", {{"job_id", id.view()}}).at("log_tail") == shown);
    const auto resource = bench.core().read_resource(fmt::format("atlas://job/{}/log", id.view()));
    CHECK(resource.value().text == shown);
    CHECK_THAT(
        bench.core().write_prompt(
            bench.core().require_prompt("diagnose_job"), {{"job_id", id.view()}}),
        Contains(shown));
}

TEST_CASE("missing output is not shown as empty") {
    ToolBench bench;
    const JobId id = bench.jobs().queued();
    Outcome outcome = test::ended_error();
    outcome.log_bytes = 100;
    REQUIRE(bench.store().finish(bench.jobs().open_attempt(id), outcome, "worker"));
    const json arguments = {{"job_id", id.view()}};
    const std::string missing = bench.call("get_job_output", arguments).at("output_missing");
    CHECK_THAT(missing, Catch::StartsWith("its output is gone: "));
    CHECK(bench.call("get_job", arguments).at("output_missing") == missing);
    bench.log(id).write(kOut, "a\n");
    CHECK_THAT(
        bench.call("get_job_output", arguments).at("output_missing").get<std::string>(),
        Contains("of 100 bytes of its output are gone"));
    CHECK_FALSE(
        bench.call("get_job_output", {{"job_id", bench.jobs().in(Status::done).job_id.view()}})
            .contains("output_missing"));
}
