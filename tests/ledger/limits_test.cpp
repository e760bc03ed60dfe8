#include "ledger/limits.h"

#include "base/error.h"
#include "base/text.h"
#include "ledger/transition.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <limits>

using namespace atlasjob;
using namespace std::chrono_literals;

namespace {

/// The error message of a refusal, or "accepted".
template <class Check>
std::string refusal_of(Check check) {
    try {
        check();
    } catch (const Error& error) {
        REQUIRE(error.code() == ErrorCode::invalid_argument);
        REQUIRE_FALSE(error.hint().empty());
        return error.what();
    }
    return "accepted";
}

NewJob valid_job() {
    NewJob job{JobId::make(from_ms(1))};
    job.owner = "alice";
    job.command = CommandSpec{};
    job.command->argv = {"make", "-j8"};
    job.command->cwd = "/srv";
    job.command->environment = {"PATH=/usr/bin", "EMPTY="};
    return job;
}

/// A change that makes a valid job invalid, and the field and value that the error must name.
struct Spoiled {
    std::string field;
    std::string value;
    std::function<void(NewJob&)> spoil;
};

void check_refused(const Spoiled& spoiled) {
    NewJob job = valid_job();
    spoiled.spoil(job);
    const std::string refusal = refusal_of([&] { check(job); });
    CAPTURE(spoiled.field, spoiled.value, refusal);
    CHECK(refusal.starts_with(spoiled.field));
    CHECK(refusal.find("\"" + spoiled.value + "\"") != std::string::npos);
}

constexpr milliseconds kOverflowing = milliseconds::max();

}  // namespace

TEST_CASE("a valid job is accepted with and without a command") {
    NewJob job = valid_job();
    CHECK(refusal_of([&] { check(job); }) == "accepted");
    job.command.reset();
    CHECK(refusal_of([&] { check(job); }) == "accepted");
}

TEST_CASE("values exactly at their limits are accepted") {
    NewJob job = valid_job();
    job.kind = std::string(kMaxWord, 'k');
    job.queue = "a._/:-9";
    job.name = std::string(kMaxLine, 'n');
    job.key = "\xF0\x9F\x98\x80";
    job.labels = {{"team/a", ""}, {"x", std::string(kMaxLine, 'v')}};
    job.priority = -kMaxPriority;
    job.max_attempts = kMaxAttempts;
    job.timeout = 1ms;
    job.retention = 0ms;
    job.lease = 24h * 36'500;
    job.command->backoff = 0ms;
    CHECK(refusal_of([&] { check(job); }) == "accepted");
}

TEST_CASE("a word with characters special to the shell is rejected with field and value") {
    const auto* const word = GENERATE("", "a b", "-a", ".a", "a\n", "\xC3\xA4", "a;b", "$a");
    check_refused({"kind", word, [&](NewJob& job) { job.kind = word; }});
    check_refused({"queue", word, [&](NewJob& job) { job.queue = word; }});
    check_refused({"label key", word, [&](NewJob& job) { job.labels = {{word, "v"}}; }});
}

TEST_CASE("a word longer than the limit is rejected") {
    const std::string word(kMaxWord + 1, 'k');
    check_refused({"kind", word, [&](NewJob& job) { job.kind = word; }});
}

TEST_CASE("an empty line or one with control characters is rejected with field and value") {
    const auto* const line = GENERATE("", "a\nb", "tab\there", "\x1B[31m");
    check_refused({"name", line, [&](NewJob& job) { job.name = line; }});
    check_refused({"key", line, [&](NewJob& job) { job.key = line; }});
    check_refused({"owner", line, [&](NewJob& job) { job.owner = line; }});
}

TEST_CASE("text that is not UTF-8 is rejected and quoted with replacement characters") {
    const std::string shown = "a\xEF\xBF\xBD";
    check_refused({"name", shown, [](NewJob& job) { job.name = "a\xFF"; }});
    check_refused({"label value", shown, [](NewJob& job) { job.labels = {{"k", "a\xFF"}}; }});
}

TEST_CASE("a long rejected value is shortened in the message") {
    NewJob job = valid_job();
    job.name = std::string(kMaxLine + 1, 'n');
    const std::string refusal = refusal_of([&] { check(job); });
    CHECK(refusal.starts_with("name \"nnn"));
    CHECK(refusal.size() < 400);
}

TEST_CASE("numbers out of range are rejected with field and value") {
    check_refused({"priority", "1000001", [](NewJob& job) { job.priority = 1'000'001; }});
    check_refused({"priority", "-1000001", [](NewJob& job) { job.priority = -1'000'001; }});
    check_refused({"attempts", "0", [](NewJob& job) { job.max_attempts = 0; }});
    check_refused({"attempts", "1001", [](NewJob& job) { job.max_attempts = 1001; }});
    check_refused({"timeout", "0", [](NewJob& job) { job.timeout = 0ms; }});
    check_refused({"retention", "-1", [](NewJob& job) { job.retention = -1ms; }});
    check_refused({"lease", "0", [](NewJob& job) { job.lease = 0ms; }});
    check_refused({"log-limit", "4095", [](NewJob& job) { job.command->log_limit_bytes = 4095; }});
    check_refused({"backoff", "-1", [](NewJob& job) { job.command->backoff = -1ms; }});
}

TEST_CASE("durations that would overflow a time are rejected") {
    const std::string max = std::to_string(kOverflowing.count());
    check_refused({"timeout", max, [](NewJob& job) { job.timeout = kOverflowing; }});
    check_refused({"retention", max, [](NewJob& job) { job.retention = kOverflowing; }});
    check_refused({"lease", max, [](NewJob& job) { job.lease = kOverflowing; }});
    check_refused({"backoff", max, [](NewJob& job) { job.command->backoff = kOverflowing; }});
    check_refused({"lease", max, [](NewJob& job) {
                       job.start_as = AttemptOwner{{}, kOverflowing};
                   }});
}

TEST_CASE("a command needs a program and an absolute directory") {
    check_refused({"command", "", [](NewJob& job) { job.command->argv.clear(); }});
    check_refused({"command", "", [](NewJob& job) { job.command->argv = {"", "x"}; }});
    check_refused({"cwd", "srv", [](NewJob& job) { job.command->cwd = "srv"; }});
    check_refused({"cwd", "", [](NewJob& job) { job.command->cwd = ""; }});
}

TEST_CASE("a command may contain any byte except NUL") {
    NewJob job = valid_job();
    std::string bytes;
    for (int c = 1; c < 256; ++c)
        bytes += static_cast<char>(c);
    job.command->argv = {"echo", bytes, ""};
    job.command->environment = {"BYTES=" + bytes};
    CHECK(refusal_of([&] { check(job); }) == "accepted");

    const std::string nul{"a\0b", 3};
    check_refused({"command", "a\\u{0}b", [&](NewJob& spoiled) {
                       spoiled.command->argv = {"x", nul};
                   }});
    check_refused({"cwd", "/a\\u{0}b", [&](NewJob& spoiled) { spoiled.command->cwd = "/" + nul; }});
    check_refused(
        {"env", "K", [&](NewJob& spoiled) { spoiled.command->environment = {"K=" + nul}; }});
}

TEST_CASE("standard input may contain any bytes up to 16 MiB") {
    NewJob job = valid_job();
    job.command->input = std::string{"\0\xFF", 2};
    CHECK(refusal_of([&] { check(job); }) == "accepted");
    job.command->input = std::string(kMaxInput, 'x');
    CHECK(refusal_of([&] { check(job); }) == "accepted");
    check_refused({"stdin", "16777217 bytes", [](NewJob& spoiled) {
                       spoiled.command->input = std::string(kMaxInput + 1, 'x');
                   }});
}

TEST_CASE("the on-end hook is a shell command of limited length without NUL") {
    NewJob job = valid_job();
    job.command->on_end = "mail -s \"$ATLASJOB_STATUS\" me < /dev/null\n";
    CHECK(refusal_of([&] { check(job); }) == "accepted");
    check_refused({"on-end", "", [](NewJob& spoiled) { spoiled.command->on_end = ""; }});
    check_refused({"on-end", "a\\u{0}b", [](NewJob& spoiled) {
                       spoiled.command->on_end = std::string{"a\0b", 3};
                   }});
    const std::string long_text(kMaxText + 1, 'x');
    check_refused({"on-end", std::string(200, 'x'), [&](NewJob& spoiled) {
                       spoiled.command->on_end = long_text;
                   }});
}

TEST_CASE("progress-from is auto or a pattern with one or two groups") {
    for (const char* valid : {"auto", "([0-9.]+)%", R"((\d+)/(\d+))", "(?:at|on) (\\d+)"}) {
        CAPTURE(valid);
        NewJob job = valid_job();
        job.command->progress_from = valid;
        CHECK(refusal_of([&] { check(job); }) == "accepted");
    }
    for (const char* invalid : {"", "Auto", "[0-9]+", "(a)(b)(c)", "([0-9]+", "(*)", "(a\nb)"}) {
        check_refused(
            {"progress-from", invalid, [&](NewJob& job) { job.command->progress_from = invalid; }});
    }
    NewJob job = valid_job();
    job.command->progress_from = "(" + std::string(kMaxLine, '(');
    CHECK(refusal_of([&] { check(job); }).starts_with("progress-from \"((("));
}

TEST_CASE("an edit must change something and stay within the limits") {
    const auto refusal = [](const JobEdit& edit) { return refusal_of([&] { check(edit); }); };
    CHECK(refusal({kMaxPriority, {}, {}}) == "accepted");
    CHECK(refusal({{}, "gpu", {}}) == "accepted");
    CHECK(refusal({{}, {}, from_ms(0)}) == "accepted");
    CHECK(refusal({}).starts_with("edit \"\""));
    CHECK(refusal({-kMaxPriority - 1, {}, {}}).starts_with("priority \"-1000001\""));
    CHECK(refusal({1, "*", {}}).starts_with("queue \"*\""));
}

TEST_CASE("a worker needs valid queue names and a slot count in range") {
    const auto refusal = [](const NewWorker& worker) { return refusal_of([&] { check(worker); }); };
    CHECK(refusal({{}, {}, 1}) == "accepted");
    CHECK(refusal({{}, {"gpu", "a.b"}, kMaxSlots}) == "accepted");
    CHECK(refusal({{}, {"gpu", "a,b"}, 1}).starts_with("queue \"a,b\""));
    CHECK(refusal({{}, {}, 0}).starts_with("slots \"0\""));
    CHECK(refusal({{}, {}, kMaxSlots + 1}).starts_with("slots \"1025\""));
}

TEST_CASE("a noted event must not have the type of a transition") {
    const auto refusal = [](const std::string& type) {
        return refusal_of([&] { check_event_type(type); });
    };
    CHECK(refusal("on_end_failed") == "accepted");
    for (const Verb verb : kVerbs) {
        const std::string word{to_string(verb)};
        CHECK(refusal(word).starts_with("event type \"" + word + "\""));
    }
    CHECK(refusal("Big").starts_with("event type \"Big\""));
    CHECK(refusal(std::string(kMaxWord + 1, 'x')).starts_with("event type \"xxx"));
}

TEST_CASE("progress is a number from 0 to 1") {
    for (const double valid : {0.0, 0.42, 1.0})
        CHECK(refusal_of([&] { check_progress(valid); }) == "accepted");
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    for (const double invalid : {-0.01, 1.01, 42.0, kInfinity, -kInfinity, std::nan("")})
        CHECK(refusal_of([&] { check_progress(invalid); }).starts_with("progress \""));
    CHECK(refusal_of([] { check_progress(1.5); }).find("\"1.5\"") != std::string::npos);
}

TEST_CASE("a report is rejected by the name of the wrong field") {
    const auto refusal = [](auto spoil) {
        Report report;
        spoil(report);
        return refusal_of([&] { check(report); });
    };
    CHECK(refusal([](Report&) {}) == "accepted");
    CHECK(refusal([](Report& r) { r.message = std::string(kMaxText, 'x'); }) == "accepted");
    CHECK(refusal([](Report& r) { r.progress = 1.5; }).starts_with("progress \"1.5\""));
    CHECK(refusal([](Report& r) { r.current = -1; }).starts_with("current \"-1\""));
    CHECK(refusal([](Report& r) { r.total = -7; }).starts_with("total \"-7\""));
    CHECK(refusal([](Report& r) { r.phase = "\xFF"; }).starts_with("phase \""));
    CHECK(refusal([](Report& r) {
              r.message = std::string(kMaxText + 1, 'x');
          }).starts_with("message \"xxx"));
}

TEST_CASE("clipping leaves short text unchanged") {
    CHECK(clipped("", 0).empty());
    CHECK(clipped("abc", 3) == "abc");
    CHECK(clipped("\xC3\xA4", 2) == "\xC3\xA4");
}

TEST_CASE("clipping never splits a character") {
    const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z";
    for (std::size_t bytes = 0; bytes <= text.size(); ++bytes) {
        const std::string cut = clipped(text, bytes);
        CAPTURE(bytes);
        CHECK(cut.size() <= bytes);
        CHECK(cut.size() + 3 >= bytes);
        CHECK(text.starts_with(cut));
        CHECK(repair_utf8(cut) == cut);
    }
}

TEST_CASE("clipping repairs UTF-8 and the result fits the limit") {
    CHECK(clipped("a\xFFz", 100) == "a\xEF\xBF\xBDz");
    const std::string garbage(100, '\xFF');
    const std::string cut = clipped(garbage, 10);
    CHECK(cut.size() == 9);
    CHECK(repair_utf8(cut) == cut);
}

TEST_CASE("clipping keeps stray continuation bytes as replacement characters") {
    const std::string cut = clipped("ab" + std::string(100, '\x80'), 11);
    CHECK(cut == "ab\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a backoff factor is a number from 1 to 100") {
    NewJob job = valid_job();
    for (const double valid : {1.0, 1.5, 100.0}) {
        job.command->backoff_factor = valid;
        CHECK_NOTHROW(check(job));
    }
    for (const double invalid : {0.5, 101.0, std::nan("")}) {
        job.command->backoff_factor = invalid;
        CHECK_THROWS_WITH(check(job), Catch::Matchers::Contains("backoff-factor"));
    }
}

TEST_CASE("a kill signal is the full name of a signal that ends processes") {
    NewJob job = valid_job();
    for (const char* valid : {"SIGINT", "SIGKILL", "SIGUSR1", "SIGRTMIN+2"}) {
        job.command->kill_signal = valid;
        CHECK_NOTHROW(check(job));
    }
    for (const char* invalid : {"", "INT", "sigint", "2", "SIGFOO", "SIGSTOP", "SIGCONT"}) {
        job.command->kill_signal = invalid;
        CHECK_THROWS_WITH(check(job), Catch::Matchers::Contains("kill-signal"));
    }
}

TEST_CASE("a hook is checked like that of a command") {
    NewJob job{JobId::make(Time{})};
    job.owner = "alice";
    job.hook.emplace();
    job.hook->cwd = "/";
    job.hook->on_end = "true";
    CHECK_NOTHROW(check(job));
    job.hook->on_end = "";
    CHECK_THROWS_WITH(check(job), Catch::Matchers::Contains("on-end"));
}
