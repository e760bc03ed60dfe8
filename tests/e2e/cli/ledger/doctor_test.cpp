#include "e2e/cli/ledger/ledger_helpers.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <algorithm>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using nlohmann::json;

TEST_CASE("doctor finds a new ledger healthy and lists every check") {
    const Sandbox sandbox;
    sandbox.create();
    const Ran ran = sandbox.run({"doctor", "--json"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.json()["healthy"] == true);
    CHECK(ran.json()["ledger"] == sandbox.ledger());
    std::vector<std::string> subjects;
    const json report = ran.json();
    for (const auto& finding : report["findings"])
        subjects.push_back(finding["subject"]);
    for (const char* subject :
         {"schema", "sqlite", "write lock", "directory", "file", "lifetime", "disk", "config"})
        CHECK(std::find(subjects.begin(), subjects.end(), subject) != subjects.end());
    CHECK_THAT(sandbox.run({"doctor"}).out, Contains("\nhealthy\n"));
}

TEST_CASE("doctor reports a ledger that others can read, with the fix") {
    const Sandbox sandbox;
    sandbox.create();
    REQUIRE(chmod(sandbox.ledger().c_str(), 0644) == 0);
    const Ran ran = sandbox.run({"doctor"});
    CHECK(ran.exit_status == 1);
    CHECK_THAT(ran.out, Contains("chmod 0600 " + sandbox.ledger()));
}

TEST_CASE("doctor reports a file in place of the log directory") {
    const Sandbox sandbox;
    sandbox.create();
    REQUIRE(sandbox.shell("echo x >\"$ATLASJOB_LEDGER.logs\"").exit_status == 0);
    const Ran ran = sandbox.run({"doctor"});
    CHECK(ran.exit_status == 1);
    CHECK_THAT(ran.out, Contains("is not a directory") && Contains("1 problem\n"));
}

TEST_CASE("doctor names the fault of a broken ledger and exits with the code of other commands") {
    struct Fault {
        const char* script;
        int exit_status;
        const char* subject;
    };
    const auto fault = GENERATE(
        Fault{"echo hello >$L", 8, "ledger"}, Fault{"truncate -s 20000 $L", 8, "ledger"},
        Fault{"printf broken | dd of=$L conv=notrunc status=none", 8, "ledger"},
        Fault{"chmod 0644 $L", 1, "file"}, Fault{"chmod 0777 $(dirname $L)", 1, "directory"},
        Fault{"mkdir $L.bell2; rm $L.bell; mkdir $L.bell", 7, "change signal"},
        Fault{"sqlite3 $L 'DROP TRIGGER jobs_bu_terminal'", 1, "schema drift"},
        Fault{"sqlite3 $L 'UPDATE counters SET jobs = 7'", 1, "counters"},
        Fault{"sqlite3 $L \"INSERT INTO labels VALUES (99, 'a', 'b')\"", 8, "references"},
        Fault{"sqlite3 $L \"UPDATE jobs SET updated_at = updated_at + 9999999\"", 1, "clock"},
        Fault{"\"$atlasjob\" create --kind k --start --ttl 1ms", 1, "leases"},
        Fault{"echo x >$L.logs", 1, "output"});
    const Sandbox sandbox;
    sandbox.create();
    REQUIRE(sandbox.shell("L=$ATLASJOB_LEDGER; " + std::string{fault.script}).exit_status == 0);
    const auto before = atlasjob::read_file(sandbox.ledger());
    const Ran doctor = sandbox.run({"doctor", "--json"});
    INFO(fault.script << "\n" << doctor.out << doctor.err);
    CHECK(doctor.exit_status == fault.exit_status);
    const json problems = problems_of(doctor);
    REQUIRE_FALSE(problems.empty());
    bool named = false;
    for (const json& problem : problems) {
        CHECK_FALSE(problem["fix"].is_null());
        named = named || problem["subject"] == fault.subject;
    }
    CHECK(named);
    CHECK(atlasjob::read_file(sandbox.ledger()) == before);
}
