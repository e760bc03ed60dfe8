#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// Enough that the import takes longer than 0.4 s, after which the bar appears.
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

TEST_CASE("a long import shows a moving bar on a terminal and removes it when done") {
    const Sandbox sandbox;
    const std::string file = many_jobs(sandbox);
    AtTerminal terminal{sandbox, {"import", file}};
    REQUIRE(terminal.wait_until_shown("importing ["));
    REQUIRE(terminal.wait_until([](const TerminalScreen& screen) {
        return screen.shows("importing [#") && screen.lines().size() == 1;
    }));
    CHECK(terminal.wait() == 0);
    CHECK(terminal.screen().unknown.empty());
    CHECK_THAT(terminal.screen().text(), Contains("10000 jobs imported"));
    CHECK_FALSE(terminal.screen().shows("importing"));
    CHECK(terminal.screen().lines().size() == 1);
}

TEST_CASE("Ctrl-C during an import exits with 130 and imports nothing") {
    const Sandbox sandbox;
    const std::string file = many_jobs(sandbox);
    sandbox.create({"--name", "mine"});
    AtTerminal terminal{sandbox, {"import", file}};
    REQUIRE(terminal.wait_until_shown("importing ["));
    terminal.type("\x03");
    CHECK(terminal.wait() == 130);
    CHECK(terminal.has_initial_settings());
    CHECK_FALSE(terminal.screen().shows("importing"));
    CHECK(sandbox.run({"list", "--admin", "--format", "{name}"}).out == "mine\n");
    CHECK(sandbox.run({"doctor", "-q"}).exit_status == 0);
    // Without a terminal there is no bar.
    const Ran again = sandbox.run({"import", file, "--json"});
    CHECK(again.json()["imported"] == kJobs);
    CHECK(again.err.empty());
}
