#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("report exits with 3 when the job should stop") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    CHECK(sandbox.run({"report", job}).exit_status == 0);
    CHECK(sandbox.run({"cancel", job, "--reason", "wrong channel"}).exit_status == 0);
    CHECK(sandbox.run({"report", job, "--progress", "0.5"}).exit_status == 3);
    CHECK(sandbox.status(job)["progress"] == 0.5);
    CHECK(sandbox.run({"finish", job, "--cancelled"}).exit_status == 0);
    const auto json = sandbox.status(job);
    CHECK(json["status"] == "cancelled");
    CHECK(json["reason"] == "user");
    CHECK_THAT(json["error"].get<std::string>(), Contains("wrong channel"));
}

TEST_CASE("report and finish refuse an attempt other than the current one") {
    Sandbox sandbox;
    const std::string job = sandbox.create({"--start", "--retries", "1"});
    CHECK(sandbox.run({"finish", job, "--error", "first"}).exit_status == 0);
    CHECK(sandbox.run({"start", job}).exit_status == 0);
    sandbox.environment()["ATLASJOB_JOB_ID"] = job;
    sandbox.environment()["ATLASJOB_ATTEMPT"] = "1";
    for (const auto& args :
         {std::vector<std::string>{"report", "--progress", "0.9"},
          {"finish", "--result", "1"},
          {"report", "1"}}) {
        const Ran ran = sandbox.run(args);
        CHECK(ran.exit_status == 6);
        CHECK_THAT(ran.err, Contains("attempt"));
    }
    CHECK(sandbox.status(job)["progress"].is_null());
    sandbox.environment()["ATLASJOB_ATTEMPT"] = "2";
    CHECK(sandbox.run({"report", "--progress", "0.9"}).exit_status == 0);
    CHECK(sandbox.status(job)["progress"] == 0.9);
}
