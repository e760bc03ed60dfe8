#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace atlasjob {

namespace {

using test::Sandbox;

const std::string kExamples = test::source_path("docs/examples/");

/// Runs a recipe of docs/reporting.md as a job and checks what it reported.
void check_recipe(const std::vector<std::string>& command) {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB"] = test::kProgram;
    std::vector<std::string> args{"run", "--"};
    args.insert(args.end(), command.begin(), command.end());
    const test::Ran ran = sandbox.run(args);
    CHECK(ran.err.empty());
    REQUIRE(ran.exit_status == 0);
    const nlohmann::json job = sandbox.status("last");
    CHECK(job["phase"] == "counting");
    CHECK(job["message"] == "counted to 4");
    CHECK(job["current"] == 4);
    CHECK(job["total"] == 4);
    CHECK(job["result"] == nlohmann::json{{"counted", 4}});
    CHECK(job["log_bytes"] == 0);  // No error was printed.
    // It also runs outside a job, unless it reports with `atlasjob report`.
    if (command[0].ends_with("inside.sh")) return;
    CHECK(sandbox.exec(command).exit_status == 0);
}

}  // namespace

TEST_CASE("the shell recipe reports progress and a result") {
    check_recipe({kExamples + "report.sh"});
}

TEST_CASE("the Python recipe reports progress and a result") {
    check_recipe({test::kPython, kExamples + "report.py"});
}

TEST_CASE("the C recipe reports progress and a result") {
    check_recipe({test::kReportExample});
}

TEST_CASE("the recipe for a process without the report channel reports with atlasjob report") {
    check_recipe({kExamples + "report-inside.sh"});
}

}  // namespace atlasjob
