#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("an executor creates, starts, reports on and finishes a job") {
    const Sandbox sandbox;
    const std::string job = sandbox.create(
        {"--name", "n", "--target", R"({ "channel": "C0" })", "--label", "a=1", "--label",
         "b=[2,3]", "--queue", "slow", "--priority", "5", "--key", "k", "--retries", "2"});
    CHECK(job.size() == 36);
    auto json = sandbox.status(job);
    CHECK(json["status"] == "queued");
    CHECK(json["kind"] == "sync");
    CHECK(json["name"] == "n");
    CHECK(json["target"]["channel"] == "C0");
    CHECK(json["labels"]["b"] == "[2,3]");
    CHECK(json["queue"] == "slow");
    CHECK(json["priority"] == 5);
    CHECK(json["key"] == "k");
    CHECK(json["max_attempts"] == 3);
    CHECK(json["owner"] == "alice");
    CHECK(json["command"].empty());

    const Ran started = sandbox.run({"start", job});
    CHECK(started.exit_status == 0);
    CHECK(started.out.empty());
    CHECK(sandbox.status(job)["status"] == "running");

    const Ran reported = sandbox.run(
        {"report", job, "--progress", "40%", "--phase", "embedding", "--message", "[a,b]",
         "--current", "3", "--total", "7"});
    CHECK(reported.exit_status == 0);
    CHECK(reported.out.empty());
    json = sandbox.status(job);
    CHECK(json["progress"] == 0.4);
    CHECK(json["phase"] == "embedding");
    CHECK(json["message"] == "[a,b]");
    CHECK(json["current"] == 3);
    CHECK(json["total"] == 7);

    const Ran finished = sandbox.run({"finish", job, "--result", " [1, {\"a\": 2}] ", "--json"});
    CHECK(finished.exit_status == 0);
    json = finished.json();
    CHECK(json["status"] == "done");
    CHECK(json["progress"] == 1.0);
    CHECK_THAT(finished.out, Contains(R"("result":[1,{"a":2}],)"));
    CHECK(json == sandbox.status(job));
}

TEST_CASE("create stores a target that is not JSON as a string") {
    const Sandbox sandbox;
    CHECK(sandbox.status(sandbox.create({"--target", "channel C0"}))["target"] == "channel C0");
    CHECK(sandbox.status(sandbox.create({"--target=[1,2]"}))["target"] == nlohmann::json{1, 2});
}

TEST_CASE("create --start creates a running job that can be finished at once") {
    const Sandbox sandbox;
    const Ran created =
        sandbox.run({"create", "--kind", "sync", "--start", "--ttl", "60s", "--json"});
    CHECK(created.json()["status"] == "running");
    CHECK(created.json()["attempt"] == 1);
    const std::string job = created.json()["job_id"];
    CHECK(
        sandbox.run({"finish", job, "--error", "no route to host", "--error-code", "network"})
            .exit_status
        == 0);
    const auto json = sandbox.status(job);
    CHECK(json["status"] == "error");
    CHECK(json["error"] == "no route to host");
    CHECK(json["error_code"] == "network");
    CHECK(json["result"].is_null());
}

TEST_CASE("create --key returns the active job with that key until it has ended") {
    const Sandbox sandbox;
    const std::string first = sandbox.create({"--key", "k"});
    CHECK(sandbox.create({"--key", "k"}) == first);
    CHECK(sandbox.create({"--key", "other"}) != first);
    CHECK(sandbox.run({"cancel", first}).exit_status == 0);
    CHECK(sandbox.create({"--key", "k"}) != first);
}
