#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("finish --error queues a job with retries left again") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start", "--retries", "1"});
    CHECK(sandbox.run({"finish", job, "--error", "first"}).exit_status == 0);
    CHECK(sandbox.status(job)["status"] == "queued");
    CHECK(sandbox.run({"start", job}).exit_status == 0);
    CHECK(sandbox.run({"finish", job, "--error", "second"}).exit_status == 0);
    const auto json = sandbox.status(job);
    CHECK(json["status"] == "error");
    CHECK(json["attempt"] == 2);
    CHECK(json["error"] == "second");
}

TEST_CASE("a transition that the job's status does not allow exits with 6 and changes nothing") {
    const Sandbox sandbox;
    const std::string queued = sandbox.create();
    CHECK(sandbox.run({"report", queued}).exit_status == 6);
    CHECK(sandbox.run({"finish", queued, "--result", "1"}).exit_status == 6);
    CHECK_THAT(sandbox.run({"report", queued}).err, Contains("atlasjob start"));
    const std::string done = sandbox.create({"--start"});
    CHECK(sandbox.run({"finish", done, "--result", "1"}).exit_status == 0);
    const auto before = sandbox.status(done);
    CHECK(sandbox.run({"start", done}).exit_status == 6);
    CHECK(sandbox.run({"report", done}).exit_status == 6);
    CHECK(sandbox.run({"finish", done, "--error", "late"}).exit_status == 6);
    CHECK(sandbox.run({"cancel", done}).exit_status == 6);
    CHECK(sandbox.status(done) == before);
    CHECK(sandbox.status(queued)["status"] == "queued");
}
