#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// Checks that everything a live view changes on the terminal is restored.
void check_restored(const AtTerminal& terminal) {
    CHECK(terminal.has_initial_settings());
    CHECK_FALSE(terminal.screen().alternate);
    CHECK(terminal.screen().cursor_visible);
    CHECK(terminal.screen().wraps);
    CHECK(terminal.screen().unknown.empty());
}

std::string started_job(const Sandbox& sandbox, const std::string& name) {
    return sandbox.create({"--kind", "sync", "--name", name, "--start"});
}

}  // namespace

TEST_CASE("status --watch redraws a job in place and leaves its final status on the screen") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    AtTerminal terminal{sandbox, {"status", "--watch", "1"}};
    REQUIRE(terminal.wait_until_shown("running for"));
    CHECK(terminal.screen().alternate);
    CHECK_FALSE(terminal.screen().cursor_visible);
    for (const char* const percent : {"10%", "40%", "90%"}) {
        sandbox.run({"report", job, "--progress", percent, "--phase", "embedding"});
        REQUIRE(terminal.wait_until_shown(percent));
        const auto lines = terminal.screen().lines();
        CHECK_THAT(lines.at(0), Contains("1  nightly  running for"));
        CHECK_THAT(lines.at(1), Contains("embedding"));
        // Redrawn in place, not below the previous view.
        CHECK(
            std::ranges::count_if(
                lines,
                [](const std::string& line) { return line.find("nightly") != std::string::npos; })
            == 1);
    }
    sandbox.run({"finish", job, "--error", "no more disk"});
    CHECK(terminal.wait() == 0);
    check_restored(terminal);
    CHECK_THAT(terminal.screen().text(), Contains("nightly  error") && Contains("no more disk"));
}

TEST_CASE("status --watch shows the live overview until q and then clears it") {
    const Sandbox sandbox;
    started_job(sandbox, "first");
    AtTerminal terminal{sandbox, {"status", "-w"}};
    REQUIRE(terminal.wait_until_shown("1 running"));
    CHECK(terminal.screen().shows("first"));
    started_job(sandbox, "second");
    REQUIRE(terminal.wait_until_shown("2 running"));
    CHECK(terminal.screen().shows("second"));
    terminal.type("xq");
    CHECK(terminal.wait() == 0);
    check_restored(terminal);
    CHECK(terminal.screen().text().empty());
}

TEST_CASE("a terminal of unknown or empty type gets no escape sequences") {
    Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    const auto type = GENERATE(as<std::string>{}, "TERM=", "TERM=dumb", "-u TERM");
    CAPTURE(type);
    for (const std::string args : {"status 1", "list", "wait 1 --timeout 100ms"}) {
        CAPTURE(args);
        AtTerminal terminal{sandbox, Script{"exec env " + type + " $atlasjob " + args}};
        terminal.wait();
        CHECK_THAT(terminal.written(), Contains("1") && !Contains("\x1b"));
    }
}

TEST_CASE("Ctrl-C exits a live view with 130 and restores the terminal") {
    const Sandbox sandbox;
    started_job(sandbox, "nightly");
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"status", "--watch"},
          {"status", "1", "--watch"},
          {"wait", "1"}}) {
        AtTerminal terminal{sandbox, args};
        REQUIRE(terminal.wait_until_shown("nightly"));
        terminal.type("\x03");
        CHECK(terminal.wait() == 130);
        check_restored(terminal);
    }
}

TEST_CASE("a live view that exits by SIGTERM restores the terminal") {
    const Sandbox sandbox;
    started_job(sandbox, "nightly");
    AtTerminal terminal{sandbox, {"status", "--watch"}};
    REQUIRE(terminal.wait_until_shown("nightly"));
    terminal.signal(SIGTERM);
    CHECK(terminal.wait() == 128 + SIGTERM);
    check_restored(terminal);
}

TEST_CASE("Ctrl-Z restores the terminal, and fg redraws the live view") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    const std::string args = GENERATE("status --watch", "status 1 --watch", "wait 1");
    INFO(args);
    AtTerminal terminal{
        sandbox,
        Script{
            "$atlasjob " + args + "\necho stopped $?\nread line\nfg >/dev/null\necho left $?\n"}};
    REQUIRE(terminal.wait_until_shown("nightly"));
    const bool alternate = terminal.screen().alternate;
    terminal.type("\x1a");
    REQUIRE(terminal.wait_until_shown("stopped 148"));
    check_restored(terminal);

    // A change made while it was stopped is shown at once.
    sandbox.run({"report", job, "--progress", "40%"});
    terminal.type("\n");
    REQUIRE(terminal.wait_until_shown("40%"));
    CHECK(terminal.screen().alternate == alternate);
    CHECK_FALSE(terminal.screen().cursor_visible);
    sandbox.run({"finish", job});
    if (args == "status --watch") terminal.type("q");
    REQUIRE(terminal.wait_until_shown("left 0"));
    CHECK(terminal.wait() == 0);
    check_restored(terminal);
}

TEST_CASE("a live view fits the terminal, also after it is resized") {
    const Sandbox sandbox;
    const std::string name(60, 'n');
    started_job(sandbox, name);
    AtTerminal terminal{sandbox, {"status", "--watch"}, 24, 120};
    REQUIRE(terminal.wait_until_shown(name));
    terminal.resize(12, 50);
    REQUIRE(terminal.wait_until(
        [&](const TerminalScreen& screen) { return !screen.shows(name) && screen.shows("nnn…"); }));
    CHECK(terminal.screen().lines().size() <= 12);
    terminal.resize(24, 120);
    REQUIRE(terminal.wait_until_shown(name));
    terminal.type("q");
    CHECK(terminal.wait() == 0);
    check_restored(terminal);
}

TEST_CASE("without a terminal status --watch prints a line for each change until the job ends") {
    const Sandbox sandbox;
    const std::string job = started_job(sandbox, "nightly");
    Running watcher = sandbox.start({"status", "--watch", job});
    REQUIRE(watcher.wait_for("nightly  running"));
    sandbox.run({"report", job, "--progress", "0.5"});
    REQUIRE(watcher.wait_for("50%"));
    sandbox.run({"finish", job});
    const Ran ran = watcher.wait();
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.out, Contains("nightly  done after"));
    CHECK(ran.out.find('\x1b') == std::string::npos);

    const Ran json = sandbox.run({"status", "--watch", "--json", job});
    CHECK(json.json()["status"] == "done");
}

TEST_CASE("wait on a terminal shows a bar and the final status of each job") {
    const Sandbox sandbox;
    const std::string first = started_job(sandbox, "first");
    const std::string second = started_job(sandbox, "second");
    AtTerminal terminal{sandbox, {"wait", "1", "2"}};
    REQUIRE(terminal.wait_until_shown("second  running"));
    CHECK_FALSE(terminal.screen().alternate);
    sandbox.run({"report", first, "--progress", "50%"});
    REQUIRE(terminal.wait_until_shown("[##########----------]  50%"));
    sandbox.run({"finish", second, "--error", "broken"});
    REQUIRE(terminal.wait_until_shown("second  error"));
    sandbox.run({"finish", first});
    CHECK(terminal.wait() == 1);
    check_restored(terminal);
    const auto lines = terminal.screen().lines();
    REQUIRE(lines.size() == 2);
    CHECK_THAT(lines[0], Contains("1  first   done after"));
    CHECK_THAT(lines[1], Contains("2  second  error after") && Contains("broken"));
}

TEST_CASE("wait with -q or --json draws nothing on a terminal") {
    const Sandbox sandbox;
    sandbox.run({"finish", started_job(sandbox, "nightly")});
    AtTerminal quiet{sandbox, {"wait", "1", "-q"}};
    CHECK(quiet.wait() == 0);
    CHECK(quiet.written().empty());
    AtTerminal json{sandbox, {"wait", "1", "--json"}};
    CHECK(json.wait() == 0);
    CHECK(json.written().find('\x1b') == std::string::npos);
}

TEST_CASE("list on a terminal is coloured and never wider than the terminal") {
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
    // Into a pipe nothing is cut.
    CHECK_THAT(sandbox.run({"list"}).out, Contains(std::string(300, 'w')));
}
