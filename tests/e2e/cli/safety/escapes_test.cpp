#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// Clears the screen.
const std::string kEvil = "\x1b[2Jx\x07";
const std::string kShown = "\\u{1b}[2Jx\\u{7}";

void check_harmless(const Ran& ran) {
    INFO(ran.err);
    CHECK(ran.exit_status != 0);
    CHECK_THAT(ran.err, Contains(kShown) && !Contains("\x1b") && !Contains("\x07"));
}

}  // namespace

TEST_CASE("escape sequences in arguments do not reach the terminal through error messages") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    const std::vector<std::vector<std::string>> command_lines = {
        {kEvil},
        {"status", "--" + kEvil},
        {"status", kEvil},
        {"cancel", kEvil, kEvil + "2"},
        {"list", "--status", kEvil},
        {"list", "--since", kEvil},
        {"list", "--format", "{" + kEvil + "}"},
        {"submit", kEvil},
        {"submit", "--label", "k=" + kEvil, "--", "true"},
        {"submit", "--name", kEvil + "\n", "--", "true"},
        {"submit", "--timeout", kEvil, "--", "true"},
        {"submit", "--batch", "/no/" + kEvil},
        {"create", "--kind", kEvil},
        {"import", "/no/" + kEvil},
        {"backup", "/no/" + kEvil},
        {"actions", "check", "/no/" + kEvil},
        {"pause", kEvil},
        {"status", "--ledger", "/no/" + kEvil}};
    for (const auto& args : command_lines) {
        CAPTURE(args[0], args.size());
        check_harmless(sandbox.run(args));
    }
}

TEST_CASE("escape sequences in files do not reach the terminal through error messages") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    const std::string evil = "\\u001b[2Jx\\u0007";
    for (const std::string& line :
         {"{\"command\":[\"true\"],\"label\":[\"k=" + evil + "\"]}", "{\"" + evil + "\":1}",
          "{\"command\":[\"true\"],\"timeout\":\"" + evil + "\"}"}) {
        CAPTURE(line);
        check_harmless(sandbox.run({"submit", "--batch", "-"}, line + "\n"));
    }
    const std::string folder = sandbox.dir() / ".config/atlasjob";
    std::filesystem::create_directories(folder);
    REQUIRE(
        sandbox.exec({"tee", folder + "/config.toml"}, "\"" + kEvil + "\" = 1\n").exit_status == 0);
    check_harmless(sandbox.run({"status"}));
}

TEST_CASE("control characters of C1 and marks of direction are shown by their numbers") {
    const Sandbox sandbox;
    const Ran ran = sandbox.run(
        {"status",
         "\xc2\x9b"
         "2J\xe2\x80\xae"});
    CHECK_THAT(ran.err, Contains("\\u{9b}2J\\u{202e}"));
    const Ran json = sandbox.run({"status", "\xc2\x9b", "--json"});
    CHECK_THAT(json.err, Contains("\\u009b"));
    CHECK_THAT(json.error_json()["message"].get<std::string>(), Contains("\xc2\x9b"));
}

TEST_CASE("an error names the whole of a value with a NUL in it") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    const Ran ran = sandbox.run({"submit", "--batch", "-"}, "{\"command\":[\"a\\u0000b\"]}\n");
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains("a\\u{0}b") && Contains("; "));
}

TEST_CASE("a line end or a tab in a command is not shown as a space") {
    const Sandbox sandbox;
    sandbox.run({"run", "--", "printf", "%s", "a\nb", "c\td"});
    const std::string shown = "printf %s 'a\\u{a}b' 'c\\u{9}d'";
    CHECK_THAT(sandbox.run({"status", "last"}).out, Contains(shown));
    CHECK_THAT(sandbox.run({"list"}).out, Contains(shown));
    CHECK(sandbox.run({"run", "--", "no\nsuch"}).exit_status == 127);
    CHECK_THAT(sandbox.run({"status", "last"}).out, Contains("cannot start \"no\\u{a}such\""));
}
