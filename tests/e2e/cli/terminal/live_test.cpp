#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// Nothing is left of what a live view did to the terminal.
void check_left_as_found(const AtTerminal& terminal) {
    CHECK(terminal.is_as_before());
    CHECK_FALSE(terminal.screen().whole);
    CHECK(terminal.screen().cursor);
    CHECK(terminal.screen().wraps);
    CHECK(terminal.screen().unknown.empty());
}

std::string started_job(const Sandbox& sandbox, const std::string& name) {
    return sandbox.create({"--kind", "sync", "--name", name, "--start"});
}

}  // namespace

TEST_CASE("A watched job is redrawn in place with every report, and its end stays on the screen") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    AtTerminal terminal{sandbox, {"status", "--watch", "1"}};
    REQUIRE(terminal.until_shown("running for"));
    CHECK(terminal.screen().whole);
    CHECK_FALSE(terminal.screen().cursor);
    for (const char* const percent : {"10%", "40%", "90%"}) {
        sandbox.run({"report", job, "--progress", percent, "--phase", "embedding"});
        REQUIRE(terminal.until_shown(percent));
        const auto lines = terminal.screen().lines();
        CHECK_THAT(lines.at(0), Contains("1  nightly  running for"));
        CHECK_THAT(lines.at(1), Contains("embedding"));
        // One picture, not one under the other.
        CHECK(
            std::ranges::count_if(
                lines,
                [](const std::string& line) { return line.find("nightly") != std::string::npos; })
            == 1);
    }
    sandbox.run({"finish", job, "--error", "no more disk"});
    CHECK(terminal.wait() == 0);
    check_left_as_found(terminal);
    CHECK_THAT(terminal.screen().text(), Contains("nightly  error") && Contains("no more disk"));
}

TEST_CASE("The overview stays live until q, and then nothing of it is left") {
    const Sandbox sandbox;
    started_job(sandbox, "first");
    AtTerminal terminal{sandbox, {"status", "-w"}};
    REQUIRE(terminal.until_shown("1 running"));
    CHECK(terminal.screen().shows("first"));
    started_job(sandbox, "second");
    REQUIRE(terminal.until_shown("2 running"));
    CHECK(terminal.screen().shows("second"));
    terminal.type("xq");
    CHECK(terminal.wait() == 0);
    check_left_as_found(terminal);
    CHECK(terminal.screen().text().empty());
}

TEST_CASE("Ctrl-C leaves a live view, and the terminal is as it was") {
    const Sandbox sandbox;
    started_job(sandbox, "nightly");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"status", "--watch"},
          {"status", "1", "--watch"},
          {"wait", "1"}}) {
        AtTerminal terminal{sandbox, words};
        REQUIRE(terminal.until_shown("nightly"));
        terminal.type("\x03");
        CHECK(terminal.wait() == 130);
        check_left_as_found(terminal);
    }
}

TEST_CASE("A live view that is told to end by a signal leaves the terminal as it was, too") {
    const Sandbox sandbox;
    started_job(sandbox, "nightly");
    AtTerminal terminal{sandbox, {"status", "--watch"}};
    REQUIRE(terminal.until_shown("nightly"));
    terminal.signal(SIGTERM);
    CHECK(terminal.wait() == 128 + SIGTERM);
    check_left_as_found(terminal);
}

TEST_CASE("Ctrl-Z gives the terminal back as it was, and fg draws the live view anew") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    const std::string words = GENERATE("status --watch", "status 1 --watch", "wait 1");
    INFO(words);
    AtTerminal terminal{
        sandbox,
        Script{
            "$atlasjob " + words + "\necho stopped $?\nread line\nfg >/dev/null\necho left $?\n"}};
    REQUIRE(terminal.until_shown("nightly"));
    const bool whole = terminal.screen().whole;
    terminal.type("\x1a");
    REQUIRE(terminal.until_shown("stopped 148"));
    check_left_as_found(terminal);

    // What happens meanwhile is seen at once.
    sandbox.run({"report", job, "--progress", "40%"});
    terminal.type("\n");
    REQUIRE(terminal.until_shown("40%"));
    CHECK(terminal.screen().whole == whole);
    CHECK_FALSE(terminal.screen().cursor);
    sandbox.run({"finish", job});
    if (words == "status --watch") terminal.type("q");
    REQUIRE(terminal.until_shown("left 0"));
    CHECK(terminal.wait() == 0);
    check_left_as_found(terminal);
}

TEST_CASE("A live view fits the terminal, also when that is given another size") {
    const Sandbox sandbox;
    const std::string name(60, 'n');
    started_job(sandbox, name);
    AtTerminal terminal{sandbox, {"status", "--watch"}, 24, 120};
    REQUIRE(terminal.until_shown(name));
    terminal.resize(12, 50);
    REQUIRE(terminal.until(
        [&](const TerminalScreen& screen) { return !screen.shows(name) && screen.shows("nnn…"); }));
    CHECK(terminal.screen().lines().size() <= 12);
    terminal.resize(24, 120);
    REQUIRE(terminal.until_shown(name));
    terminal.type("q");
    CHECK(terminal.wait() == 0);
    check_left_as_found(terminal);
}

TEST_CASE("Where no terminal is, a watched job is a line a change until it has ended") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    Running watching = sandbox.start({"status", "--watch", job});
    REQUIRE(watching.wait_for("nightly  running"));
    sandbox.run({"report", job, "--progress", "0.5"});
    REQUIRE(watching.wait_for("50%"));
    sandbox.run({"finish", job});
    const Ran ran = watching.wait();
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.out, Contains("nightly  done after"));
    CHECK(ran.out.find('\x1b') == std::string::npos);

    const Ran json = sandbox.run({"status", "--watch", "--json", job});
    CHECK(json.json()["status"] == "done");
}

TEST_CASE("Waiting at a terminal shows a bar for each job, and how each ended") {
    const Sandbox sandbox;
    const std::string first = started_job(sandbox, "first");
    const std::string second = started_job(sandbox, "second");
    AtTerminal terminal{sandbox, {"wait", "1", "2"}};
    REQUIRE(terminal.until_shown("second  running"));
    CHECK_FALSE(terminal.screen().whole);
    sandbox.run({"report", first, "--progress", "50%"});
    REQUIRE(terminal.until_shown("[##########----------]  50%"));
    sandbox.run({"finish", second, "--error", "broken"});
    REQUIRE(terminal.until_shown("second  error"));
    sandbox.run({"finish", first});
    CHECK(terminal.wait() == 1);
    check_left_as_found(terminal);
    const auto lines = terminal.screen().lines();
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], Contains("1  first   done after"));
    CHECK_THAT(lines[1], Contains("2  second  error after") && Contains("broken"));
}

TEST_CASE("Waiting quietly, or for a script, draws nothing at a terminal") {
    const Sandbox sandbox;
    sandbox.run({"finish", started_job(sandbox, "nightly")});
    AtTerminal quiet{sandbox, {"wait", "1", "-q"}};
    CHECK(quiet.wait() == 0);
    CHECK(quiet.written().empty());
    AtTerminal json{sandbox, {"wait", "1", "--json"}};
    CHECK(json.wait() == 0);
    CHECK(json.written().find('\x1b') == std::string::npos);
}

TEST_CASE("Colours and widths at a terminal: never wider than it, whatever jobs are called") {
    Sandbox sandbox;
    sandbox.create({"--name", std::string(300, 'w'), "--kind", "k"});
    sandbox.submit("echo \x1b[2J\x07");
    AtTerminal coloured{sandbox, {"list"}, 24, 40};
    CHECK(coloured.wait() == 0);
    CHECK(coloured.screen().coloured);
    CHECK(coloured.screen().lines().size() == 3);
    CHECK(coloured.screen().unknown.empty());
    CHECK(coloured.written().find('\x07') == std::string::npos);
    sandbox.environment()["NO_COLOR"] = "1";
    AtTerminal plain{sandbox, {"list"}, 24, 40};
    CHECK(plain.wait() == 0);
    CHECK(plain.written().find('\x1b') == std::string::npos);
    // Piped, nothing is cut.
    CHECK_THAT(sandbox.run({"list"}).out, Contains(std::string(300, 'w')));
}
