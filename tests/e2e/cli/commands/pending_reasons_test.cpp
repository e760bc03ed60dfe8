#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <csignal>
#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// What the page of a job says below "Pending because:".
std::string waits(const Sandbox& sandbox, const std::string& job) {
    const Ran ran = sandbox.run({"status", job});
    const auto begin = ran.out.find("\nPending because:\n");
    if (begin == std::string::npos) return {};
    return ran.out.substr(begin, ran.out.find("\nNext:\n") - begin);
}

std::string next_steps(const Sandbox& sandbox, const std::string& job) {
    const Ran ran = sandbox.run({"status", job});
    return ran.out.substr(ran.out.find("\nNext:\n"));
}

}  // namespace

TEST_CASE("A job that nobody serves says so, and how to change that") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    CHECK(waits(sandbox, job) == "\nPending because:\n  no worker serves queue gpu\n");
    CHECK_THAT(next_steps(sandbox, job), Contains("  atlasjob worker --drain "));
    // A worker of other queues is of no help.
    Running worker = sandbox.start({"worker", "--queue", "cpu", "--slots", "1"});
    const std::string elsewhere = sandbox.submit("true", {"--queue", "cpu"});
    CHECK(sandbox.run({"wait", elsewhere}).exit_status == 0);
    CHECK(waits(sandbox, job) == "\nPending because:\n  no worker serves queue gpu\n");
    CHECK(waits(sandbox, elsewhere).empty());
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("A job of a paused queue says who paused it, and how it goes on") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    sandbox.run({"pause", "gpu", "--principal", "bob"});
    CHECK_THAT(waits(sandbox, job), Contains("  queue gpu was paused by bob "));
    CHECK_THAT(next_steps(sandbox, job), Contains("  atlasjob resume gpu "));
    sandbox.run({"pause"});
    CHECK_THAT(waits(sandbox, job), Contains("  every queue was paused by alice "));
    sandbox.run({"resume"});
    sandbox.run({"resume", "gpu"});
    CHECK_THAT(waits(sandbox, job), !Contains("paused"));
}

TEST_CASE("A job whose time has not come says when it does") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--at", "2031-01-02T03:04:05Z"});
    CHECK_THAT(
        waits(sandbox, job),
        Contains("  it is not due yet: it starts ") && Contains("2031-01-02 03:04:05"));
    CHECK_THAT(next_steps(sandbox, job), Contains("  atlasjob edit 1 --at TIME "));
}

TEST_CASE("A job that comes after another names that and its status, until it is done") {
    const Sandbox sandbox;
    const std::string first = sandbox.create();
    const std::string job = sandbox.submit("true", {"--after", first});
    CHECK_THAT(waits(sandbox, job), Contains("  it waits for job #1, which is queued\n"));
    sandbox.run({"start", first});
    CHECK_THAT(waits(sandbox, job), Contains("  it waits for job #1, which is running\n"));
    CHECK_THAT(next_steps(sandbox, job), Contains("  atlasjob status 1 "));
    sandbox.run({"finish", first});
    CHECK_THAT(waits(sandbox, job), !Contains("it waits for job"));
}

TEST_CASE("A job of a queue that is full says how full") {
    const Sandbox sandbox;
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    sandbox.shell("printf '[queue.gpu]\\nslots = 1\\n' > $HOME/.config/atlasjob/config.toml");
    sandbox.create({"--queue", "gpu", "--start"});
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    CHECK(waits(sandbox, job) == "\nPending because:\n  queue gpu is full: 1 of 1 running\n");
}

TEST_CASE("What runs elsewhere or by other hands keeps no worker busy and no queue full") {
    const Sandbox sandbox;
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    sandbox.shell("printf '[queue.gpu]\\nslots = 1\\n' > $HOME/.config/atlasjob/config.toml");
    const Ran imported = sandbox.run(
        {"import", "-"},
        R"({"job_id":"01a2031f-fc00-7000-8000-000000000001","kind":"sync","owner":"alice",)"
        R"("created_at":"2026-11-22T12:00:00Z","status":"running","queue":"gpu"})");
    REQUIRE(imported.exit_status == 0);
    sandbox.create({"--start"});
    Running worker = sandbox.start({"worker", "--slots", "1"});
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    CHECK(sandbox.run({"wait", job}).exit_status == 0);
    // Nothing keeps it but its queue.
    sandbox.run({"pause"});
    const std::string paused = sandbox.submit("true", {"--queue", "gpu"});
    CHECK_THAT(
        waits(sandbox, paused), Contains("paused") && !Contains("full") && !Contains("busy"));
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("A job for which every worker is busy says so") {
    const Sandbox sandbox;
    const std::string go = sandbox.dir() / "go";
    REQUIRE(mkfifo(go.c_str(), 0600) == 0);
    sandbox.make_ledger();
    Running worker = sandbox.start({"worker", "--slots", "1"});
    const std::string busy = sandbox.submit("echo begun; cat " + go);
    Running log = sandbox.start({"logs", "-f", busy});
    REQUIRE(log.wait_for("begun"));
    // Neither does an executor's job count, nor one of a worker's that is of no use here.
    sandbox.create({"--start"});
    const std::string job = sandbox.submit("true");
    CHECK(
        waits(sandbox, job)
        == "\nPending because:\n  all workers are busy: 1 slot for queue default, and other jobs come first\n");
    sandbox.shell("echo > " + go);
    CHECK(sandbox.run({"wait", busy, job}).exit_status == 0);
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}
