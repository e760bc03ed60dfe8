#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// So many that importing them takes longer than it takes a bar to come: 0.4 s.
constexpr int kJobs = 10'000;

std::string many_jobs(const Sandbox& sandbox) {
    const std::string path = sandbox.dir() / "jobs.ndjson";
    std::ofstream file{path};
    for (int n = 1; n <= kJobs; ++n) {
        file << fmt::format(
            R"({{"job_id":"01a2031f-fc00-7000-8000-{:012d}","seq":{},"kind":"sync",)"
            R"("name":"file {}","owner":"alice","labels":{{"env":"prod","host":"host{}"}},)"
            R"("created_at":"2026-11-22T12:00:00Z","status":"done"}})"
            "\n",
            n, n, n, n % 100);
    }
    return path;
}

}  // namespace

TEST_CASE("Long work shows a bar at a terminal that moves, and goes when it is done") {
    const Sandbox sandbox;
    const std::string file = many_jobs(sandbox);
    AtTerminal terminal{sandbox, {"import", file}};
    REQUIRE(terminal.until_shown("importing ["));
    REQUIRE(terminal.until([](const TerminalScreen& screen) {
        return screen.shows("importing [#") && screen.lines().size() == 1;
    }));
    CHECK(terminal.wait() == 0);
    CHECK(terminal.screen().unknown.empty());
    CHECK_THAT(terminal.screen().text(), Contains("10000 jobs imported"));
    CHECK_FALSE(terminal.screen().shows("importing"));
    CHECK(terminal.screen().lines().size() == 1);
}

TEST_CASE("Ctrl-C in the middle of an import ends in 130, and none of it is there") {
    const Sandbox sandbox;
    const std::string file = many_jobs(sandbox);
    sandbox.create({"--name", "mine"});
    AtTerminal terminal{sandbox, {"import", file}};
    REQUIRE(terminal.until_shown("importing ["));
    terminal.type("\x03");
    CHECK(terminal.wait() == 130);
    CHECK(terminal.is_as_before());
    CHECK_FALSE(terminal.screen().shows("importing"));
    CHECK(sandbox.run({"list", "--admin", "--format", "{name}"}).out == "mine\n");
    CHECK(sandbox.run({"doctor", "-q"}).exit_status == 0);
    // Nothing is drawn where nobody looks on.
    const Ran again = sandbox.run({"import", file, "--json"});
    CHECK(again.json()["imported"] == kJobs);
    CHECK(again.err.empty());
}
