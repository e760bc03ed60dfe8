#include "e2e/cli/ledger/ledger_helpers.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("a backup is a ledger, and an existing file is overwritten only with --force") {
    const Sandbox sandbox;
    fill_ledger(sandbox);
    const std::string copy = sandbox.dir() / "copy.db";
    const Ran made = sandbox.run({"backup", copy, "--json"});
    CHECK(made.exit_status == 0);
    CHECK(made.json()["file"] == copy);
    CHECK(
        sandbox.run({"list", "--json"}).out
        == sandbox.run({"list", "--json", "--ledger", copy}).out);
    CHECK(sandbox.run({"doctor", "-q", "--ledger", copy}).exit_status == 0);
    const Ran refused = sandbox.run({"backup", copy});
    CHECK(refused.exit_status == 6);
    CHECK_THAT(refused.err, Contains("--force"));
    CHECK(sandbox.run({"backup", copy, "--force"}).exit_status == 0);
    CHECK(sandbox.run({"backup"}).exit_status == 2);
    CHECK(sandbox.run({"backup", sandbox.ledger(), "--force"}).exit_status == 6);
}

TEST_CASE("export, migrate and backup without a ledger fail and create nothing") {
    for (const char* command : {"export", "migrate", "backup"}) {
        const Sandbox sandbox;
        std::vector<std::string> args = {command};
        if (args[0] == "backup") args.push_back(sandbox.dir() / "copy.db");
        const Ran ran = sandbox.run(args);
        INFO(command << ran.err);
        CHECK(ran.exit_status == 7);
        CHECK(sandbox.untouched());
    }
}
