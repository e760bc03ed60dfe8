#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <sstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::istringstream stream{text};
    std::vector<nlohmann::json> lines;
    for (std::string line; std::getline(stream, line);)
        lines.push_back(nlohmann::json::parse(line));
    return lines;
}

}  // namespace

TEST_CASE("Retry gives ended jobs another attempt, by name or by filters") {
    const Sandbox sandbox;
    const std::string flag = sandbox.dir() / "flag";
    sandbox.submit("[ -e " + flag + " ]", {"--kind", "k"});
    sandbox.submit("exit 0", {"--kind", "k"});
    sandbox.submit("[ -e " + flag + " ]", {"--kind", "other"});
    CHECK(sandbox.run({"retry", "1"}).exit_status == 6);
    sandbox.drain();
    std::filesystem::create_directory(flag);
    CHECK(sandbox.run({"retry", "--kind", "k"}).exit_status == 2);
    const Ran ran = sandbox.run({"retry", "--kind", "k", "--yes"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "job 1 is queued again\n");
    CHECK(sandbox.run({"retry", "3", "--json"}).json()["status"] == "queued");
    CHECK(sandbox.run({"retry", "--status", "queued", "--yes"}).exit_status == 2);
    sandbox.drain();
    for (const char* const job : {"1", "3"}) {
        CHECK(sandbox.status(job)["status"] == "done");
        CHECK(sandbox.status(job)["attempt"] == 2);
    }
    CHECK(sandbox.status("2")["attempt"] == 1);
}

TEST_CASE("A queued job can be edited, no other") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--in", "1h"});
    CHECK(sandbox.run({"edit", "1", "--priority", "-7", "--queue", "gpu"}).exit_status == 0);
    CHECK(sandbox.status("1")["priority"] == -7);
    CHECK(sandbox.status("1")["queue"] == "gpu");
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK(sandbox.run({"edit", "1", "--at", "2020-01-01T00:00:00Z"}).exit_status == 0);
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(sandbox.run({"edit", "1", "--priority", "1"}).exit_status == 6);
    CHECK(sandbox.run({"edit", "1"}).exit_status == 2);
    CHECK(sandbox.run({"edit", "--priority", "1"}).exit_status == 2);
    CHECK(sandbox.run({"edit", "77", "--priority", "1"}).exit_status == 4);
}

TEST_CASE("Rm forgets ended jobs with their output, and leaves a trace") {
    const Sandbox sandbox;
    sandbox.submit("echo said");
    sandbox.submit("exit 0", {"--in", "1h"});
    sandbox.drain();
    const Ran ran = sandbox.run({"rm", "1", "2"});
    CHECK(ran.exit_status == 6);
    CHECK(ran.out == "job 1 was deleted\n");
    CHECK_THAT(sandbox.run({"status", "1"}).err, Contains("expired"));
    CHECK(sandbox.status("2")["status"] == "queued");
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(sandbox.ledger() + ".logs"))
        CHECK_FALSE(entry.is_regular_file());
}

TEST_CASE("Nothing new starts in a paused queue, what is elsewhere does") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--queue", "gpu"});
    sandbox.submit("exit 0");
    CHECK_THAT(sandbox.run({"pause", "gpu"}).out, Contains("queue gpu is paused"));
    CHECK_THAT(sandbox.run({"pause", "gpu"}).out, Contains("was already paused"));
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK_THAT(sandbox.run({"status", "1"}).out, Contains("queue gpu was paused by alice"));
    CHECK(sandbox.status("2")["status"] == "done");
    CHECK(sandbox.run({"pause"}).exit_status == 0);
    CHECK_THAT(sandbox.run({"resume", "gpu"}).err, Contains("all queues are still paused"));
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK(sandbox.run({"resume", "--json"}).json()["changed"] == true);
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(sandbox.run({"pause", "two words"}).exit_status == 2);
}

TEST_CASE("A queue can be paused before there is any job in it") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    CHECK(sandbox.run({"pause", "gpu"}).exit_status == 0);
    sandbox.submit("exit 0", {"--queue", "gpu"});
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
}

TEST_CASE("Every verb that leaves something to run sees to somebody who runs it") {
    const std::vector<std::vector<std::string>> verbs = {
        {"edit", "1", "--at", "2020-01-01T00:00:00Z"}, {"resume"}, {"gc"}, {"retry", "2"}};
    for (const auto& verb : verbs) {
        Sandbox sandbox;
        const bool delayed = verb[0] == "edit";
        sandbox.submit(
            "exit 0",
            delayed ? std::vector<std::string>{"--in", "1h"} : std::vector<std::string>{});
        sandbox.submit("exit 0", {"--in", "1h"});
        sandbox.run({"cancel", "2"});
        sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
        INFO(verb[0]);
        CHECK(sandbox.run(verb).exit_status == 0);
        CHECK(sandbox.run({"wait", "1", "--timeout", "20s"}).exit_status == 0);
        sandbox.end_workers();
    }
}

TEST_CASE("Queues keep to the slots that the config file gives them") {
    const Sandbox sandbox;
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    sandbox.shell("printf '[queue.gpu]\\nslots = 1\\n' > $HOME/.config/atlasjob/config.toml");
    // Each fails where another of its queue is at work: the directory is there already.
    const std::string room = sandbox.dir() / "room";
    for (int n = 0; n < 6; ++n)
        sandbox.submit(
            "mkdir " + room + " && ls / > /dev/null && rmdir " + room, {"--queue", "gpu"});
    sandbox.drain();
    CHECK(sandbox.run({"stats", "--json"}).json()["by_status"]["done"] == 6);
}

TEST_CASE("Events tell what happened; followed, they end with the job") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running following = sandbox.start({"events", "1", "-f", "--json"});
    REQUIRE(following.wait_for("\"submit\""));
    CHECK(sandbox.run({"cancel", "1"}).exit_status == 0);
    REQUIRE(following.wait_for("\"request_cancel\""));
    CHECK(sandbox.run({"finish", "1", "--cancelled"}).exit_status == 0);
    const Ran ran = following.wait();
    CHECK(ran.exit_status == 0);
    const auto events = json_lines(ran.out);
    REQUIRE(events.size() == 3);
    CHECK(events[0]["from"].is_null());
    CHECK(events[2]["type"] == "finish");
    CHECK(events[2]["from"] == "running");
    CHECK(events[2]["to"] == "cancelled");
    CHECK(events[2]["reason"] == "user");
    CHECK(events[2]["actor"] == "alice");
    const std::string second = std::to_string(events[1]["seq"].get<int>());
    CHECK(json_lines(sandbox.run({"events", "--since", second, "--json"}).out).size() == 1);
    CHECK_THAT(sandbox.run({"events"}).out, Contains("running -> cancelled  by alice (user)"));
    CHECK(sandbox.run({"events", "--principal", "bob"}).out.empty());
}

TEST_CASE("Statistics count own jobs, or everybody's") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--kind", "k", "--queue", "gpu"});
    sandbox.submit("exit 1");
    sandbox.create({"--principal", "bob"});
    sandbox.drain();
    const auto own = sandbox.run({"stats", "--json"}).json();
    CHECK(
        own["by_status"]
        == nlohmann::json{
            {"queued", 0}, {"running", 0}, {"done", 1}, {"error", 1}, {"cancelled", 0}});
    CHECK(own["total"] == 2);
    CHECK(own["by_queue"] == nlohmann::json{{"default", 1}, {"gpu", 1}});
    CHECK(own["by_kind"] == nlohmann::json{{"command", 1}, {"k", 1}});
    CHECK(own["durations"]["jobs"] == 2);
    CHECK(sandbox.run({"stats", "--json", "--admin"}).json()["total"] == 3);
}

TEST_CASE("A queued job that is cancelled never runs, a running one ends with all it started") {
    const Sandbox sandbox;
    const std::string trace = sandbox.dir() / "trace";
    sandbox.submit("touch " + trace);
    CHECK(sandbox.run({"cancel", "1"}).exit_status == 0);
    Running worker = sandbox.start({"worker", "--slots", "1"});
    sandbox.submit("setsid sh -c 'echo $$; exec sleep 600' & wait");
    Running following = sandbox.start({"logs", "-f", "2"});
    REQUIRE(following.wait_for("\n"));
    CHECK(sandbox.run({"cancel", "2", "--wait", "--grace", "5s"}).exit_status == 0);
    CHECK(sandbox.status("2")["status"] == "cancelled");
    const pid_t grandchild = std::stoi(following.wait().out);
    CHECK(kill(grandchild, 0) != 0);
    CHECK_FALSE(std::filesystem::exists(trace));
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}
