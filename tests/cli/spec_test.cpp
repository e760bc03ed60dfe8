#include "cli/options/spec.h"

#include "base/error.h"
#include "cli/options/spec_values.h"

#include <catch2/catch.hpp>

#include <map>

using namespace atlasjob;
using namespace atlasjob::cli;
using Catch::Matchers::Contains;

TEST_CASE("progress is given as a fraction or a percentage") {
    CHECK(parse_progress("0") == 0.0);
    CHECK(parse_progress("1") == 1.0);
    CHECK(parse_progress("0.4") == 0.4);
    CHECK(parse_progress("40%") == 0.4);
    CHECK(parse_progress("100%") == 1.0);
    CHECK(parse_progress("1e-3") == 0.001);
}

TEST_CASE("an invalid progress value is refused by name") {
    for (const char* text :
         {"", "%", "nan", "NaN", "inf", "-0.1", "1.01", "101%", "-1%", "0.4x", "0,4", "40 %",
          "0x1"}) {
        CHECK_THROWS_WITH(parse_progress(text), Contains('"' + std::string{text} + '"'));
    }
}

TEST_CASE("a label is KEY=VALUE with a key that can be stored") {
    CHECK(parse_label("env=prod") == Label{"env", "prod"});
    CHECK(parse_label("env=a=b") == Label{"env", "a=b"});
    CHECK(parse_label("env=") == Label{"env", ""});
    for (const char* text : {"env", "=x", "a b=c", "e\nv=x", "-e=x"})
        CHECK_THROWS_AS(parse_label(text), Error);
    CHECK_THROWS_WITH(parse_label("novalue"), Contains("novalue"));
}

TEST_CASE("a target that is not valid JSON is stored as a JSON string") {
    CHECK(parse_target(R"({ "a" : 1 })") == R"({"a":1})");
    CHECK(parse_target("[1, 2]") == "[1,2]");
    CHECK(parse_target("42") == "42");
    CHECK(parse_target("channel \"C0\"") == R"("channel \"C0\"")");
    CHECK(parse_target("{broken") == R"("{broken")");
    CHECK(parse_target("") == R"("")");
}

TEST_CASE("a result must be valid JSON") {
    CHECK(require_json("--result", " [1, 2] ") == "[1,2]");
    CHECK_THROWS_WITH(require_json("--result", "three"), Contains("--result \"three\": not JSON"));
    CHECK_THROWS_WITH(require_json("--result", ""), Contains("not JSON"));
    // The error quotes only the beginning of a long value.
    try {
        static_cast<void>(require_json("--result", std::string(100'000, 'x')));
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.message().size() < 300);
    }
}

TEST_CASE("sizes are given in bytes or with a binary suffix") {
    CHECK(parse_size("--log-limit", "4096") == 4096);
    CHECK(parse_size("--log-limit", "64K") == 65536);
    CHECK(parse_size("--log-limit", "10MiB") == 10'485'760);
    CHECK(parse_size("--log-limit", "2GB") == 2'147'483'648);
    for (const char* text : {"", "K", "4k", "-1", "1.5M", "4Kx", "9223372036854775807K"})
        CHECK_THROWS_WITH(parse_size("--log-limit", text), Contains("--log-limit"));
}

TEST_CASE("an invalid number, duration, time or job reference is refused by option and value") {
    CHECK(parse_number("--priority", "-5", -10, 10) == -5);
    CHECK_THROWS_WITH(parse_number("--priority", "5x", 0, 9), Contains("--priority \"5x\""));
    CHECK_THROWS_WITH(parse_number("--retries", "10", 0, 9), Contains("out of range"));
    CHECK_THROWS_WITH(
        parse_number("--priority", "9223372036854775807", 0, 9), Contains("9223372036854775807"));
    CHECK(parse_span("--in", "1h30m") == std::chrono::minutes{90});
    CHECK_THROWS_WITH(parse_span("--in", "soon"), Contains("--in \"soon\": not a duration"));
    CHECK(parse_span("--in", "1w") == std::chrono::hours{168});
    CHECK(parse_time_text("--at", "1970-01-01T00:00:01Z").resolve(Time{}) == from_ms(1000));
    CHECK(parse_time_text("--at", "now").resolve(from_ms(7)) == from_ms(7));
    CHECK_THROWS_WITH(parse_time_text("--at", "noon"), Contains("--at \"noon\": not a time"));
    CHECK_THROWS_WITH(parse_time_text("--at", "2h"), Contains("--in"));
    CHECK(parse_job_name("--after", "last") == "last");
    CHECK_THROWS_WITH(parse_job_name("--after", "0"), Contains("does not name a job"));
}

TEST_CASE("a SPEC becomes a job of its owner, and an invalid SPEC names the fault") {
    Spec spec;
    spec.kind = "sync";
    spec.priority = 5;
    spec.retries = 2;
    spec.in = std::chrono::seconds{30};
    spec.labels = {{"env", "test"}, {"host", "db1"}, {"env", "prod"}};
    const NewJob job = new_job(spec, {"alice", false}, from_ms(1000));
    CHECK(job.kind == "sync");
    CHECK(job.owner == "alice");
    CHECK(job.priority == 5);
    CHECK(job.max_attempts == 3);
    CHECK(job.run_after == from_ms(31'000));
    CHECK(job.queue == "default");
    CHECK(job.labels == std::vector<Label>{{"env", "prod"}, {"host", "db1"}});
    CHECK_FALSE(job.command);

    spec.kind = "two words";
    CHECK_THROWS_WITH(new_job(spec, {"alice", false}, Time{}), Contains("two words"));
    spec.kind = "sync";
    spec.at = TimeText::at(from_ms(5000));
    CHECK_THROWS_WITH(new_job(spec, {"alice", false}, Time{}), Contains("--at and --in"));
}

TEST_CASE("applying a SPEC changes only the fields it sets") {
    NewJob job{JobId::make(Time{})};
    job.kind = "backup";
    job.queue = "gpu";
    job.labels = {{"env", "prod"}};
    job.max_attempts = 4;
    CommandSpec command;
    command.on_end = "true";
    command.keep_strays = true;
    Spec spec;
    spec.queue = "cpu";
    spec.labels = {{"host", "db1"}};
    apply(spec, job, Time{});
    apply(spec, command);
    CHECK(job.kind == "backup");
    CHECK(job.queue == "cpu");
    CHECK(job.max_attempts == 4);
    CHECK(job.labels == std::vector<Label>{{"env", "prod"}, {"host", "db1"}});
    CHECK(command.on_end == "true");
    CHECK(command.keep_strays);
}

TEST_CASE("every SPEC option with a value quotes an invalid one in its error") {
    const std::map<std::string_view, std::string> invalid = {
        {"label", "nosign"},     {"priority", "high"},   {"timeout", "0s"},
        {"retain", "long"},      {"at", "noon"},         {"in", "-1s"},
        {"after", "job"},        {"retries", "1000"},    {"backoff", "1"},
        {"result", "stderr"},    {"log-limit", "big"},   {"stdin", "/no/such/file"},
        {"progress-from", "(["}, {"after-ended", "job"}, {"backoff-factor", "0.5"},
        {"grace", "long"},       {"kill-signal", "STOP"}};
    for (const SpecOption& option : spec_options()) {
        const auto text = invalid.find(option.name);
        if (text == invalid.end()) continue;
        INFO(option.name);
        Spec spec;
        CHECK_THROWS_WITH(option.take(spec, text->second), Contains(text->second));
    }
}

TEST_CASE("the name of a kill signal may be given in any form") {
    for (const char* text : {"INT", "int", "SIGINT", "sigint", "2"})
        CHECK(require_kill_signal("--kill-signal", text) == "SIGINT");
    CHECK(require_kill_signal("--kill-signal", "RTMIN+2") == "SIGRTMIN+2");
    for (const char* text : {"", "SIG", "FOO", "0", "65", "-2", "CONT", "19"})
        CHECK_THROWS_WITH(require_kill_signal("--kill-signal", text), Contains("--kill-signal"));
}

TEST_CASE("a SPEC knows whether its time has passed") {
    Spec spec;
    CHECK_FALSE(is_past(spec, from_ms(1000)));
    spec.at = TimeText::at(from_ms(999));
    CHECK(is_past(spec, from_ms(1000)));
    CHECK_FALSE(is_past(spec, from_ms(999)));
    spec.at = TimeText::parse("now");
    CHECK_FALSE(is_past(spec, from_ms(1000)));
}
