#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <sstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("a queued job that is cancelled never runs") {
    const Sandbox sandbox;
    const std::string job = sandbox.create();
    const Ran ran = sandbox.run({"cancel", job, "--reason", "not needed"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "job 1 was cancelled before it started\n");
    const auto json = sandbox.status(job);
    CHECK(json["status"] == "cancelled");
    CHECK(json["reason"] == "user");
    CHECK_THAT(json["error"].get<std::string>(), Contains("not needed"));
    CHECK(sandbox.run({"start", job}).exit_status == 6);
}

TEST_CASE("cancel requests the stop of a running job only once") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    CHECK(sandbox.run({"cancel", job, "-q"}).out.empty());
    const auto requested = sandbox.status(job);
    CHECK(requested["status"] == "running");
    CHECK(requested["cancel_requested_at"].is_string());
    CHECK(sandbox.run({"cancel", job}).exit_status == 0);
    CHECK(sandbox.status(job) == requested);
}

TEST_CASE("cancel of several jobs continues after one that cannot be cancelled") {
    const Sandbox sandbox;
    sandbox.create();
    sandbox.create();
    CHECK(sandbox.run({"cancel", "1"}).exit_status == 0);
    const Ran ran = sandbox.run({"cancel", "1", "77", "2"});
    CHECK(ran.exit_status == 6);
    CHECK_THAT(ran.err, Contains("job 1") && Contains("77"));
    CHECK(sandbox.status("2")["status"] == "cancelled");
}

TEST_CASE("cancel with filters cancels the matching jobs, and only with --yes") {
    const Sandbox sandbox;
    sandbox.create({"--kind", "sync"});
    sandbox.create({"--kind", "wiki"});
    sandbox.create({"--kind", "sync", "--start"});
    sandbox.create({"--kind", "sync", "--principal", "bob"});
    CHECK(sandbox.run({"cancel", "--kind", "sync"}).exit_status == 2);
    CHECK(sandbox.status("1")["status"] == "queued");
    const Ran ran = sandbox.run({"cancel", "--kind", "sync", "--yes", "--json"});
    CHECK(ran.exit_status == 0);
    CHECK(sandbox.status("1")["status"] == "cancelled");
    CHECK(sandbox.status("2")["status"] == "queued");
    CHECK(sandbox.status("3")["cancel_requested_at"].is_string());
    CHECK(sandbox.run({"status", "4", "--admin", "--json"}).json()["status"] == "queued");
    const Ran none = sandbox.run({"cancel", "--kind", "nothing", "--yes"});
    CHECK(none.exit_status == 0);
    CHECK_THAT(none.err, Contains("no job matches"));
}

TEST_CASE("cancel with filters asks on a terminal, and the answer no cancels nothing") {
    const Sandbox sandbox;
    sandbox.create();
    const auto answered = [&](const std::string& answer) {
        return sandbox.shell(
            "printf '" + answer + "\\n' | script -qec \"$atlasjob cancel --kind sync\" /dev/null");
    };
    CHECK_THAT(answered("n").out, Contains("Cancel 1 job? [y/N]"));
    CHECK(sandbox.status("1")["status"] == "queued");
    answered("y");
    CHECK(sandbox.status("1")["status"] == "cancelled");
}

TEST_CASE("a cancel that races the end of its job leaves exactly one terminal transition") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    const Running worker = sandbox.start({"worker", "--slots", "2"});
    constexpr int kJobs = 20;
    const Ran raced = sandbox.shell(
        "for i in $(seq 20); do id=$($atlasjob submit -- sh -c 'exit 0'); $atlasjob cancel -q $id; "
        "$atlasjob wait -q $id; done; true");
    REQUIRE(raced.exit_status == 0);
    std::map<std::string, int> transitions;
    std::istringstream lines{sandbox.run({"events", "--json"}).out};
    for (std::string line; std::getline(lines, line);) {
        const auto event = nlohmann::json::parse(line);
        const std::string to = event["to"];
        if (to != event["from"] && (to == "done" || to == "error" || to == "cancelled"))
            ++transitions[event["job_id"]];
    }
    CHECK(transitions.size() == kJobs);
    for (const auto& [job_id, count] : transitions) {
        CAPTURE(job_id);
        CHECK(count == 1);
        CHECK(sandbox.status(job_id)["status"] != "error");
    }
}

TEST_CASE("cancel --wait returns once the job has ended") {
    const Sandbox sandbox;
    Running running = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(running.wait_for("ready"));
    const Ran ran = sandbox.run({"cancel", "last", "--wait", "--json"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.json()["status"] == "cancelled");
    CHECK(ran.json()["reason"] == "user");
    CHECK(running.wait().exit_status == 143);
}

TEST_CASE("a running job that is cancelled ends with all its descendants") {
    const Sandbox sandbox;
    const std::string trace = sandbox.dir() / "trace";
    sandbox.submit("touch " + trace);
    CHECK(sandbox.run({"cancel", "1"}).exit_status == 0);
    Running worker = sandbox.start({"worker", "--slots", "1"});
    sandbox.submit("setsid sh -c 'echo $$; exec sleep 600' & wait");
    Running output = sandbox.start({"logs", "-f", "2"});
    REQUIRE(output.wait_for("\n"));
    CHECK(sandbox.run({"cancel", "2", "--wait", "--grace", "5s"}).exit_status == 0);
    CHECK(sandbox.status("2")["status"] == "cancelled");
    const pid_t grandchild = std::stoi(output.wait().out);
    CHECK(kill(grandchild, 0) != 0);
    CHECK_FALSE(std::filesystem::exists(trace));
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("jobs that depend on each other can be cancelled together in any order") {
    const Sandbox sandbox;
    sandbox.submit("exit 0");
    sandbox.submit("exit 0", {"--after", "1"});
    sandbox.submit("exit 0", {"--after", "2"});
    const Ran ran = sandbox.run({"cancel", "1", "3", "2"});
    CHECK(ran.exit_status == 0);
    for (const char* job : {"1", "2", "3"})
        CHECK(sandbox.status(job)["reason"] == "user");
}
