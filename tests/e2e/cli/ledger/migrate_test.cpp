#include "e2e/cli/ledger/ledger_helpers.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

TEST_CASE("migrate reports the schema version, and a newer schema is refused") {
    const Sandbox sandbox;
    sandbox.create();
    const json steps = sandbox.run({"migrate", "--dry-run", "--json"}).json();
    CHECK(steps["from"] == steps["to"]);
    CHECK(steps["steps"].empty());
    CHECK_THAT(sandbox.run({"migrate"}).out, Contains("nothing to do"));
    sandbox.exec({"sqlite3", sandbox.ledger(), "PRAGMA user_version = 99"});
    for (const char* command : {"migrate", "doctor", "export"}) {
        const Ran ran = sandbox.run({command});
        INFO(command);
        CHECK(ran.exit_status == 8);
        CHECK_THAT(ran.err, Contains("99"));
    }
}

TEST_CASE("a ledger of a pre-release is refused, and every command says how to keep its jobs") {
    const Sandbox sandbox;
    const auto old =
        atlasjob::read_file(atlasjob::test::source_path("tests/store/fixtures/v3.sql"));
    REQUIRE(old.has_value());
    REQUIRE(sandbox.exec({"sqlite3", sandbox.ledger()}, *old).exit_status == 0);
    REQUIRE(chmod(sandbox.ledger().c_str(), 0600) == 0);
    for (const char* command : {"migrate", "list", "export", "gc"}) {
        const Ran ran = sandbox.run({command, "--json"});
        INFO(command);
        CHECK(ran.exit_status == 8);
        CHECK(ran.error_json()["code"] == "old_ledger");
        CHECK_THAT(ran.error_json()["hint"].get<std::string>(), Contains("atlasjob export"));
    }
    const Ran doctor = sandbox.run({"doctor", "--json"});
    CHECK(doctor.exit_status == 8);
    CHECK_THAT(problems_of(doctor)[0]["fix"].get<std::string>(), Contains("atlasjob import"));
}
