#include "e2e/cli/terminal/at_terminal.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

const std::string kUnknown = "\x1b]9;4;3;0\x1b\\";
const std::string kClear = "\x1b]9;4;0;0\x1b\\";

std::string percent(int value) {
    return "\x1b]9;4;1;" + std::to_string(value) + "\x1b\\";
}

/// A sandbox in a terminal that shows progress.
struct WindowsTerminal : Sandbox {
    WindowsTerminal() { environment()["WT_SESSION"] = "0d6f"; }
};

bool wait_until_written(AtTerminal& terminal, const std::string& text) {
    return terminal.wait_until(
        [&](const TerminalScreen&) { return terminal.written().find(text) != std::string::npos; });
}

}  // namespace

TEST_CASE("wait and status --watch show progress in a terminal that knows it, and take it away") {
    const WindowsTerminal sandbox;
    sandbox.create({"--start", "--name", "nightly"});
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"wait", "1", "--timeout", "1m"}, {"status", "1", "--watch"}}) {
        CAPTURE(args[0]);
        AtTerminal terminal{sandbox, args};
        if (args[0] == "wait") REQUIRE(wait_until_written(terminal, kUnknown));
        REQUIRE(sandbox.run({"report", "1", "--progress", "0.42"}).exit_status == 0);
        REQUIRE(wait_until_written(terminal, percent(42)));
        terminal.signal(SIGTERM);
        CHECK(terminal.wait() == 128 + SIGTERM);
        CHECK_THAT(terminal.written(), Contains(kClear));
        CHECK(terminal.written().rfind(kClear) > terminal.written().rfind(percent(42)));
    }
}

TEST_CASE("wait shows the mean progress of its jobs and takes it away when they have ended") {
    const WindowsTerminal sandbox;
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    AtTerminal terminal{sandbox, {"wait", "1", "2"}};
    REQUIRE(wait_until_written(terminal, kUnknown));
    REQUIRE(sandbox.run({"finish", "1", "--result", "1"}).exit_status == 0);
    REQUIRE(wait_until_written(terminal, percent(50)));
    REQUIRE(sandbox.run({"finish", "2", "--result", "1"}).exit_status == 0);
    CHECK(terminal.wait() == 0);
    CHECK(terminal.written().rfind(kClear) > terminal.written().rfind(percent(50)));
}

TEST_CASE("run shows its command's progress, however it is reported, and takes it away") {
    const WindowsTerminal sandbox;
    const std::string script =
        "echo '{\"progress\":0.25}' >&3; read a; "
        "\"$0\" report --progress 0.5; read b; echo last";
    AtTerminal terminal{sandbox, {"run", "--", "sh", "-c", script, kProgram}};
    REQUIRE(wait_until_written(terminal, kUnknown));
    REQUIRE(wait_until_written(terminal, percent(25)));
    terminal.type("x\n");
    REQUIRE(wait_until_written(terminal, percent(50)));
    terminal.type("x\n");
    CHECK(terminal.wait() == 0);
    CHECK_THAT(terminal.written(), Contains("last"));
    CHECK_THAT(terminal.written(), EndsWith(kClear));
}

TEST_CASE("run shows progress only between the characters and sequences of the output") {
    const WindowsTerminal sandbox;
    const std::string script =
        "printf '\\033[1'; echo '{\"progress\":0.25}' >&3; read a; printf 'mbold\\033[0m\\n'; read "
        "b";
    AtTerminal terminal{sandbox, {"run", "--", "sh", "-c", script}};
    REQUIRE(wait_until_written(terminal, "\x1b[1"));
    Sandbox::await([&] { return sandbox.status("last")["progress"] == 0.25; });
    terminal.type("x\n");
    REQUIRE(wait_until_written(terminal, percent(25)));
    CHECK(terminal.written().find("\x1b]9;4;1") > terminal.written().find("bold"));
    terminal.type("x\n");
    CHECK(terminal.wait() == 0);
}

TEST_CASE("a run that is ended by SIGTERM takes its progress away") {
    const WindowsTerminal sandbox;
    AtTerminal terminal{sandbox, {"run", "--", "sh", "-c", "echo '{\"progress\":0.5}' >&3; cat"}};
    REQUIRE(wait_until_written(terminal, percent(50)));
    terminal.signal(SIGTERM);
    CHECK(terminal.wait() == 128 + SIGTERM);
    CHECK_THAT(terminal.written(), EndsWith(kClear));
}

TEST_CASE("no progress is shown in other terminals, to those who opt out, and in pipes") {
    WindowsTerminal sandbox;
    sandbox.create({"--start"});
    const auto [name, value] = GENERATE(table<const char*, const char*>(
        {{"WT_SESSION", ""}, {"NO_COLOR", "1"}, {"TMUX", "/tmp/x"}, {"STY", "1.pts"}}));
    CAPTURE(name);
    sandbox.environment()[name] = value;
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"wait", "1", "--timeout", "100ms"}, {"run", "--", "true"}}) {
        AtTerminal terminal{sandbox, args};
        terminal.wait();
        CHECK_THAT(terminal.written(), !Contains("\x1b]9;4"));
    }
}

TEST_CASE("no progress is shown with --quiet, --json, --color never, --tty and in pipes") {
    const WindowsTerminal sandbox;
    sandbox.create({"--start"});
    for (const std::vector<std::string>& args :
         {std::vector<std::string>{"wait", "1", "--timeout", "100ms", "--quiet"},
          {"wait", "1", "--timeout", "100ms", "--json"},
          {"wait", "1", "--timeout", "100ms", "--color", "never"},
          {"run", "--quiet", "--", "true"},
          {"run", "--tty", "--", "true"}}) {
        CAPTURE(args[0], args.back());
        AtTerminal terminal{sandbox, args};
        terminal.wait();
        CHECK_THAT(terminal.written(), !Contains("\x1b]9;4"));
    }
    const Ran piped = sandbox.run({"run", "--", "echo", "text"});
    CHECK(piped.out == "text\n");
    CHECK(piped.err.empty());
}

TEST_CASE("other terminals that show progress are known by their variables") {
    Sandbox sandbox;
    sandbox.create({"--start"});
    const auto [name, value, is_known] = GENERATE(table<const char*, const char*, bool>(
        {{"ConEmuANSI", "ON", true},
         {"ConEmuANSI", "OFF", false},
         {"TERM_PROGRAM", "WezTerm", true},
         {"TERM_PROGRAM", "ghostty", true},
         {"TERM_PROGRAM", "Apple_Terminal", false},
         {"VTE_VERSION", "8000", true},
         {"VTE_VERSION", "7802", false}}));
    CAPTURE(name, value);
    sandbox.environment()[name] = value;
    AtTerminal terminal{sandbox, {"wait", "1", "--timeout", "100ms"}};
    terminal.wait();
    CHECK((terminal.written().find("\x1b]9;4") != std::string::npos) == is_known);
}
