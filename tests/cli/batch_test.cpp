#include "cli/options/batch.h"

#include "base/error.h"

#include <catch2/catch.hpp>

using namespace atlasjob;
using namespace atlasjob::cli;
using Catch::Matchers::Contains;

namespace {

BatchLine only_line(const std::string& text, const Spec& defaults = {}) {
    const auto lines = read_batch(text, "jobs", defaults);
    REQUIRE(lines.size() == 1);
    return lines[0];
}

}  // namespace

TEST_CASE("a batch line takes the options of submit, spelled with underscores") {
    const BatchLine line = only_line(
        R"({"command":["make","-j8"],"kind":"build","priority":5,"retries":2,"timeout":"2h",)"
        R"("after":["1",42],"after_ended":7,"backoff":"5s","backoff_factor":1,"grace":"1w",)"
        R"("kill_signal":"int","label":["env=prod"],"env":{"A":"1","B":"x=y"},"clean_env":true,)"
        R"("log_limit":"1M","result":"stdout","keep_strays":false,"on_end":"true"})");
    CHECK(line.number == 1);
    CHECK(line.command == std::vector<std::string>{"make", "-j8"});
    CHECK(line.spec.kind == "build");
    CHECK(line.spec.priority == 5);
    CHECK(line.spec.retries == 2);
    CHECK(line.spec.timeout == std::chrono::hours{2});
    CHECK(line.spec.after == std::vector<std::string>{"1", "42"});
    CHECK(line.spec.after_ended == std::vector<std::string>{"7"});
    CHECK(line.spec.backoff == std::chrono::seconds{5});
    CHECK(line.spec.backoff_factor == 1.0);
    CHECK(line.spec.grace == std::chrono::hours{168});
    CHECK(line.spec.kill_signal == "SIGINT");
    CHECK(line.spec.labels == std::vector<Label>{{"env", "prod"}});
    CHECK(line.spec.capture.env == std::vector<std::string>{"A=1", "B=x=y"});
    CHECK(line.spec.capture.clean_env);
    CHECK(line.spec.log_limit_bytes == 1'048'576);
    CHECK(line.spec.result_from == ResultFrom::standard_output);
    CHECK_FALSE(line.spec.keep_strays);
    CHECK(line.spec.on_end == "true");
}

TEST_CASE("a target in a batch line keeps its numbers and key order") {
    const auto target = [](const std::string& value) {
        return only_line(R"({"target": )" + value + R"(, "command": ["true"]})").spec.target;
    };
    CHECK(
        target(R"({"b":1.0,"a":12345678901234567890123})")
        == R"({"b":1.0,"a":12345678901234567890123})");
    CHECK(target(R"("C0ENG")") == R"("C0ENG")");
    CHECK(target("[1, 2]") == "[1,2]");
}

TEST_CASE("a batch line inherits the defaults, and blank lines are skipped") {
    Spec defaults;
    defaults.queue = "gpu";
    defaults.kind = "train";
    const auto lines = read_batch(
        "{\"command\":[\"a\"]}\n\n  \n{\"command\":[\"b\"],\"kind\":\"test\",\"queue\":null}\n",
        "jobs", defaults);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].spec.kind == "train");
    CHECK(lines[1].number == 4);
    CHECK(lines[1].spec.kind == "test");
    CHECK(lines[1].spec.queue == "gpu");
    CHECK(read_batch("", "jobs", defaults).empty());
}

TEST_CASE("the first invalid batch line is reported with its number and the reason") {
    const auto refused = [](const std::string& line, const std::string& why) {
        const std::string text = "{\"command\":[\"true\"]}\n" + line + "\n{\"bad\":1}\n";
        INFO(line);
        CHECK_THROWS_WITH(
            read_batch(text, "jobs.ndjson", {}),
            Contains("line 2 of jobs.ndjson: ") && Contains(why));
    };
    refused("not json", "not JSON");
    refused("[1]", "not a JSON object");
    refused(R"({"kind":"x"})", "no \"command\"");
    refused(R"({"command":"make all"})", "not an array of strings");
    refused(R"({"command":[]})", "not an array of strings");
    refused(R"({"command":["a",1]})", "not an array of strings");
    refused(R"({"command":["a"],"prioritty":1})", "did you mean \"priority\"?");
    refused(R"({"command":["a"],"log-limit":"1M"})", "unknown key \"log-limit\"");
    refused(R"({"command":["a"],"priority":"x"})", "--priority \"x\"");
    refused(R"({"command":["a"],"kind":["x"]})", "\"kind\": not a string or number");
    refused(R"({"command":["a"],"clean_env":"yes"})", "not true or false");
    refused(R"({"command":["a"],"timeout":30})", "--timeout \"30\"");
    refused(R"({"command":["a"],"after":"last"})", "\"last\" is ambiguous");
    refused(R"({"command":["a"],"stdin":"-"})", "ambiguous in a batch");
    refused(R"({"command":["a"],"at":"2026-11-22T12:00:00Z","in":"1s"})", "--at and --in");
    refused(R"({"command":["a"],"progress_from":"(["})", "([");
    refused("{\"command\":[\"\xff\"]}", "not JSON");
    refused(std::string(100'000, '['), "nested too deeply");
}

TEST_CASE("an invalid batch line is a usage error, and the hint says that nothing was submitted") {
    try {
        read_batch("{}", "standard input", {});
        FAIL("accepted");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::invalid_argument);
        CHECK_THAT(error.hint(), Contains("nothing was submitted"));
    }
}
