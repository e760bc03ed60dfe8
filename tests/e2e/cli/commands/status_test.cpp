#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a job is named by its number, its id in either case, or last") {
    const Sandbox sandbox;
    const std::string first = sandbox.create();
    const std::string second = sandbox.create();
    std::string upper = first;
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    CHECK(sandbox.status("1")["job_id"] == first);
    CHECK(sandbox.status(upper)["job_id"] == first);
    CHECK(sandbox.status("last")["job_id"] == second);
    CHECK(sandbox.run({"status", "77"}).exit_status == 4);
    CHECK(sandbox.run({"status", "0"}).exit_status == 2);
    CHECK(sandbox.run({"status", first.substr(0, 8)}).exit_status == 2);
}

TEST_CASE("status --json prints one object per job and continues after a missing one") {
    const Sandbox sandbox;
    sandbox.create();
    sandbox.create();
    const Ran both = sandbox.run({"status", "2", "1", "--json"});
    CHECK(both.exit_status == 0);
    REQUIRE(lines_in(both.out) == 2);
    CHECK(nlohmann::json::parse(both.out.substr(0, both.out.find('\n')))["seq"] == 2);
    const Ran partial = sandbox.run({"status", "1", "77", "2", "--json"});
    CHECK(partial.exit_status == 4);
    CHECK(lines_in(partial.out) == 2);
    CHECK(partial.error_json()["code"] == "not_found");
}

TEST_CASE("status without a job shows totals, active jobs and recently finished ones") {
    const Sandbox sandbox;
    sandbox.create();
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    sandbox.run({"finish", "3", "--error", "broke"});
    sandbox.create({"--principal", "bob"});
    const auto json = sandbox.run({"status", "--json"}).json();
    CHECK(
        json["totals"]
        == nlohmann::json{
            {"queued", 1},
            {"running", 1},
            {"done", 0},
            {"error", 1},
            {"cancelled", 0},
            {"total", 3}});
    REQUIRE(json["active"].size() == 2);
    CHECK(json["active"][0]["seq"] == 2);
    REQUIRE(json["recent"].size() == 1);
    CHECK(json["recent"][0]["error"] == "broke");
    const std::string text = sandbox.run({"status"}).out;
    CHECK_THAT(text, StartsWith("1 queued  1 running  0 done  1 error  0 cancelled\n"));
    CHECK_THAT(text, Contains("\nActive\n") && Contains("\nRecent\n") && Contains("broke"));
}

TEST_CASE("status of a failed job shows the error with control characters escaped") {
    const Sandbox sandbox;
    sandbox.create({"--name", "nightly", "--start"});
    sandbox.run({"finish", "1", "--error", "no route\x1b[2J to host"});
    const Ran ran = sandbox.run({"status", "1"});
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.out, StartsWith("1  nightly  error "));
    CHECK_THAT(ran.out, Contains("Why: no route\\u{1b}[2J to host\n"));
    CHECK(ran.out.find('\x1b') == std::string::npos);
}

TEST_CASE("output is coloured without a terminal only with --color always") {
    Sandbox sandbox;
    sandbox.create();
    const auto coloured = [&](const std::vector<std::string>& args) {
        return sandbox.run(args).out.find("\x1b[") != std::string::npos;
    };
    CHECK_FALSE(coloured({"status", "1"}));
    CHECK(coloured({"status", "1", "--color", "always"}));
    CHECK_FALSE(coloured({"status", "1", "--color", "never"}));
    CHECK_FALSE(coloured({"status", "1", "--json", "--color", "always"}));
}

TEST_CASE("output on a terminal is coloured unless NO_COLOR is set") {
    Sandbox sandbox;
    sandbox.create();
    sandbox.environment()["TERM"] = "xterm";
    // script(1) provides a terminal; scripts/bootstrap installs it.
    const auto at_terminal = [&](const std::string& args) {
        return sandbox.shell("script -qec \"$atlasjob " + args + "\" /dev/null").out;
    };
    CHECK_THAT(at_terminal("status 1"), Contains("\x1b["));
    sandbox.environment()["NO_COLOR"] = "1";
    CHECK_THAT(at_terminal("status 1"), !Contains("\x1b["));
    CHECK_THAT(at_terminal("status 1 --color always"), Contains("\x1b["));
}
