#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace atlasjob {

namespace {

using test::Sandbox;

const std::string kExamples = test::source_path("docs/examples/");

/// Runs a recipe of docs/reporting.md as a job, and looks at what it said.
void check_recipe(const std::vector<std::string>& command) {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB"] = test::kProgram;
    std::vector<std::string> words{"run", "--"};
    words.insert(words.end(), command.begin(), command.end());
    const test::Ran ran = sandbox.run(words);
    CHECK(ran.err.empty());
    REQUIRE(ran.exit_status == 0);
    const nlohmann::json job = sandbox.status("last");
    CHECK(job["phase"] == "counting");
    CHECK(job["message"] == "counted to 4");
    CHECK(job["current"] == 4);
    CHECK(job["total"] == 4);
    CHECK(job["result"] == nlohmann::json{{"counted", 4}});
    CHECK(job["log_bytes"] == 0);  // Nothing was complained of.
    // Outside a job it runs as well, except where it asks for the job itself.
    if (command[0].ends_with("inside.sh")) return;
    CHECK(sandbox.exec(command).exit_status == 0);
}

}  // namespace

TEST_CASE("A shell script reports as the recipe says") {
    check_recipe({kExamples + "report.sh"});
}

TEST_CASE("A Python program reports as the recipe says") {
    check_recipe({test::kPython, kExamples + "report.py"});
}

TEST_CASE("A C program reports as the recipe says") {
    check_recipe({test::kReportExample});
}

TEST_CASE("A process deep inside a job, without the channel, reports by command") {
    check_recipe({kExamples + "report-inside.sh"});
}

}  // namespace atlasjob
