#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("submit, create and edit note a time that has passed") {
    const Sandbox sandbox;
    const std::string note = "atlasjob: that time has passed: the job does not wait for it\n";
    const std::string past = "2020-01-01T00:00:00Z";
    CHECK(sandbox.run({"submit", "--at", past, "--", "true"}).err == note);
    CHECK(sandbox.run({"-q", "submit", "--at", past, "--", "true"}).err.empty());
    CHECK(sandbox.run({"submit", "--at", "now", "--", "true"}).err.empty());
    CHECK(sandbox.run({"create", "--at", "2020-01-01"}).err == note);
    sandbox.submit("exit 0", {"--in", "1h"});
    CHECK(sandbox.run({"edit", "last", "--at", past}).err == note);
    CHECK_THAT(
        sandbox.run({"submit", "--batch", "-"}, "{\"command\":[\"a\"],\"at\":\"" + past + "\"}\n")
            .err,
        Contains("line 1 of standard input: that time has passed: the job does not wait for it"));
}

TEST_CASE("option --at takes local times") {
    Sandbox sandbox;
    sandbox.environment()["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3";
    const auto run_after = [&](const std::string& at) {
        const Ran ran = sandbox.run({"submit", "--json", "--at", at, "--", "true"});
        REQUIRE(ran.exit_status == 0);
        return ran.json()["run_after"].get<std::string>();
    };
    CHECK(run_after("2099-01-05 18:00") == "2099-01-05T17:00:00.000Z");
    CHECK(run_after("2099-07-05 18:00") == "2099-07-05T16:00:00.000Z");
    // As date(1) reads the same words; the day may end in between.
    const auto date = [&](const std::string& words) {
        return sandbox
            .shell("date -u +%Y-%m-%dT%H:%M:%S.000Z -d \"$(date -d '" + words + "' -Is)\"")
            .out;
    };
    std::string expected;
    std::string at;
    do {
        expected = date("tomorrow 08:30");
        at = run_after("tomorrow 08:30");
    } while (date("tomorrow 08:30") != expected);
    CHECK(at + '\n' == expected);
    CHECK_THAT(run_after("18:00"), Contains("T16:00:00.000Z") || Contains("T17:00:00.000Z"));
    CHECK(sandbox.run({"list", "--since", "2020-02-30"}).exit_status == 2);
    CHECK(sandbox.run({"list", "--since", "2020-02-28", "--ids"}).exit_status == 0);
    CHECK(sandbox.run({"list", "--since", "yesterday", "--json"}).json()["total"] >= 4);
    const Ran refused = sandbox.run({"submit", "--at", "noon", "--", "true"});
    CHECK(refused.exit_status == 2);
    CHECK_THAT(refused.err, Contains("--in"));
}
