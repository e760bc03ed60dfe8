#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

#include <csignal>
#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// The section "Pending because:" of a job's status page.
std::string pending_section(const Sandbox& sandbox, const std::string& job) {
    const Ran ran = sandbox.run({"status", job});
    const auto begin = ran.out.find("\nPending because:\n");
    if (begin == std::string::npos) return {};
    return ran.out.substr(begin, ran.out.find("\nNext:\n") - begin);
}

std::string next_section(const Sandbox& sandbox, const std::string& job) {
    const Ran ran = sandbox.run({"status", job});
    return ran.out.substr(ran.out.find("\nNext:\n"));
}

}  // namespace

TEST_CASE("status of a job in a queue without a worker says so and suggests starting one") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    CHECK(pending_section(sandbox, job) == "\nPending because:\n  no worker serves queue gpu\n");
    CHECK_THAT(next_section(sandbox, job), Contains("  atlasjob worker --drain "));
    // A worker of another queue does not count.
    Running worker = sandbox.start({"worker", "--queue", "cpu", "--slots", "1"});
    const std::string elsewhere = sandbox.submit("true", {"--queue", "cpu"});
    CHECK(sandbox.run({"wait", elsewhere}).exit_status == 0);
    CHECK(pending_section(sandbox, job) == "\nPending because:\n  no worker serves queue gpu\n");
    CHECK(pending_section(sandbox, elsewhere).empty());
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("status of a job in a paused queue says who paused it and suggests resume") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    sandbox.run({"pause", "gpu", "--principal", "bob"});
    CHECK_THAT(pending_section(sandbox, job), Contains("  queue gpu was paused by bob "));
    CHECK_THAT(next_section(sandbox, job), Contains("  atlasjob resume gpu "));
    sandbox.run({"pause"});
    CHECK_THAT(pending_section(sandbox, job), Contains("  every queue was paused by alice "));
    sandbox.run({"resume"});
    sandbox.run({"resume", "gpu"});
    CHECK_THAT(pending_section(sandbox, job), !Contains("paused"));
}

TEST_CASE("status of a job that is not due says when it will be") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit("true", {"--at", "2031-01-02T03:04:05Z"});
    CHECK_THAT(
        pending_section(sandbox, job),
        Contains("  it is not due yet: it starts ") && Contains("2031-01-02 03:04:05"));
    CHECK_THAT(next_section(sandbox, job), Contains("  atlasjob edit 1 --at TIME "));
}

TEST_CASE("status of a job that depends on another names that job and its status") {
    const Sandbox sandbox;
    const std::string first = sandbox.create();
    const std::string job = sandbox.submit("true", {"--after", first});
    CHECK_THAT(pending_section(sandbox, job), Contains("  it waits for job #1, which is queued\n"));
    sandbox.run({"start", first});
    CHECK_THAT(
        pending_section(sandbox, job), Contains("  it waits for job #1, which is running\n"));
    CHECK_THAT(next_section(sandbox, job), Contains("  atlasjob status 1 "));
    sandbox.run({"finish", first});
    CHECK_THAT(pending_section(sandbox, job), !Contains("it waits for job"));
}

TEST_CASE("status of a job in a full queue shows the slots in use") {
    const Sandbox sandbox;
    std::filesystem::create_directories(sandbox.dir() / ".config/atlasjob");
    sandbox.shell("printf '[queue.gpu]\\nslots = 1\\n' > $HOME/.config/atlasjob/config.toml");
    sandbox.create({"--queue", "gpu", "--start"});
    const std::string job = sandbox.submit("true", {"--queue", "gpu"});
    CHECK(
        pending_section(sandbox, job)
        == "\nPending because:\n  queue gpu is full: 1 of 1 running\n");
}

TEST_CASE(
    "imported jobs and jobs of external executors do not occupy worker slots or queue slots") {
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
    // Only the pause holds it back.
    sandbox.run({"pause"});
    const std::string paused = sandbox.submit("true", {"--queue", "gpu"});
    CHECK_THAT(
        pending_section(sandbox, paused),
        Contains("paused") && !Contains("full") && !Contains("busy"));
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}

TEST_CASE("status of a job says when every worker is busy") {
    const Sandbox sandbox;
    const std::string go = sandbox.dir() / "go";
    REQUIRE(mkfifo(go.c_str(), 0600) == 0);
    sandbox.make_ledger();
    Running worker = sandbox.start({"worker", "--slots", "1"});
    const std::string busy = sandbox.submit("echo begun; cat " + go);
    Running log = sandbox.start({"logs", "-f", busy});
    REQUIRE(log.wait_for("begun"));
    // The job of an external executor does not count.
    sandbox.create({"--start"});
    const std::string job = sandbox.submit("true");
    CHECK(
        pending_section(sandbox, job)
        == "\nPending because:\n  all workers are busy: 1 slot for queue default, and other jobs come first\n");
    sandbox.shell("echo > " + go);
    CHECK(sandbox.run({"wait", busy, job}).exit_status == 0);
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}
