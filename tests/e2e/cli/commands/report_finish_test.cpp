#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("A created job is started, reported on and finished by its executor") {
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

TEST_CASE("What is no JSON is a text as a target") {
    const Sandbox sandbox;
    CHECK(sandbox.status(sandbox.create({"--target", "channel C0"}))["target"] == "channel C0");
    CHECK(sandbox.status(sandbox.create({"--target=[1,2]"}))["target"] == nlohmann::json{1, 2});
}

TEST_CASE("A job that is born running can be finished at once") {
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

TEST_CASE("A job with retries left is queued again by its error") {
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

TEST_CASE("An executor learns from report that it should stop") {
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

TEST_CASE("What a job's state does not allow ends in 6 and changes nothing") {
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

TEST_CASE("An attempt that is not the open one is refused") {
    Sandbox sandbox;
    const std::string job = sandbox.create({"--start", "--retries", "1"});
    CHECK(sandbox.run({"finish", job, "--error", "first"}).exit_status == 0);
    CHECK(sandbox.run({"start", job}).exit_status == 0);
    sandbox.environment()["ATLASJOB_JOB_ID"] = job;
    sandbox.environment()["ATLASJOB_ATTEMPT"] = "1";
    for (const auto& words :
         {std::vector<std::string>{"report", "--progress", "0.9"},
          {"finish", "--result", "1"},
          {"report", "1"}}) {
        const Ran ran = sandbox.run(words);
        CHECK(ran.exit_status == 6);
        CHECK_THAT(ran.err, Contains("attempt"));
    }
    CHECK(sandbox.status(job)["progress"].is_null());
    sandbox.environment()["ATLASJOB_ATTEMPT"] = "2";
    CHECK(sandbox.run({"report", "--progress", "0.9"}).exit_status == 0);
    CHECK(sandbox.status(job)["progress"] == 0.9);
}

TEST_CASE("A key is answered with the active job that holds it, until that has ended") {
    const Sandbox sandbox;
    const std::string first = sandbox.create({"--key", "k"});
    CHECK(sandbox.create({"--key", "k"}) == first);
    CHECK(sandbox.create({"--key", "other"}) != first);
    CHECK(sandbox.run({"cancel", first}).exit_status == 0);
    CHECK(sandbox.create({"--key", "k"}) != first);
}

TEST_CASE("Another owner's job and no job at all are the same answer") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    const std::string nobody = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
    const auto as_bob = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--principal", "bob"});
        return sandbox.run(words);
    };
    for (const char* command : {"status", "start", "report", "finish", "cancel"}) {
        const Ran foreign = as_bob({command, job});
        Ran missing = as_bob({command, nobody});
        INFO(command);
        CHECK(foreign.exit_status == 4);
        CHECK(missing.exit_status == 4);
        missing.err.replace(missing.err.find(nobody), nobody.size(), job);
        CHECK(foreign.err == missing.err);
        CHECK(as_bob({command, "1"}).exit_status == 4);
    }
    CHECK(sandbox.status(job)["rev"] == 1);
    CHECK(as_bob({"status", "last"}).exit_status == 4);
    CHECK(as_bob({"status", job, "--admin"}).exit_status == 0);
}
