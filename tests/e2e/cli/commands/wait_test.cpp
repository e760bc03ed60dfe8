#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("Wait says by its exit status how the job ended, and nothing on stdout") {
    const Sandbox sandbox;
    sandbox.submit("exit 0");
    sandbox.submit("exit 7");
    sandbox.submit("exit 0", {"--queue", "held"});
    sandbox.run({"pause", "held"});
    sandbox.run({"cancel", "3"});
    sandbox.drain();
    CHECK(sandbox.run({"wait", "1"}).exit_status == 0);
    const Ran failed = sandbox.run({"wait", "2"});
    CHECK(failed.exit_status == 1);
    CHECK(failed.out.empty());
    CHECK_THAT(failed.err, Contains("command exited with 7"));
    CHECK(sandbox.run({"wait", "3"}).exit_status == 3);
    CHECK(sandbox.run({"wait", "77"}).exit_status == 4);
    CHECK(sandbox.run({"rm", "1"}).exit_status == 0);
    CHECK(sandbox.run({"wait", "1"}).exit_status == 4);
    CHECK(sandbox.run({"wait", "2", "--ledger", sandbox.dir() / "none"}).exit_status == 7);
    CHECK(sandbox.run({"wait"}).exit_status == 2);
}

TEST_CASE("Of several jobs the first code that is not 0 counts, in the order given") {
    const Sandbox sandbox;
    for (const char* const script : {"exit 0", "exit 1", "exit 0"})
        sandbox.submit(script);
    sandbox.run({"cancel", "3"});
    sandbox.drain();
    CHECK(sandbox.run({"wait", "1", "2", "3"}).exit_status == 1);
    CHECK(sandbox.run({"wait", "1", "3", "2"}).exit_status == 3);
    CHECK(sandbox.run({"wait", "3", "77"}).exit_status == 3);
    CHECK(sandbox.run({"wait", "77", "3"}).exit_status == 4);
    const Ran json = sandbox.run({"wait", "2", "1", "--json"});
    CHECK_THAT(json.out, Contains("\"seq\":2") && Contains("\"seq\":1"));
}

TEST_CASE("Wait leaves with 75 when the time is up, the job goes on") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    const Ran ran = sandbox.run({"wait", job, "--timeout", "50ms"});
    CHECK(ran.exit_status == 75);
    CHECK(ran.out.empty());
    CHECK(sandbox.run({"wait", job, "--timeout", "0s", "--json"}).json()["status"] == "running");
}

TEST_CASE("Wait for any returns with the first that ends") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    Running waiting = sandbox.start({"wait", "--any", "1", "2", "--json"});
    CHECK(sandbox.run({"finish", "2", "--error", "broken"}).exit_status == 0);
    const Ran ran = waiting.wait();
    CHECK(ran.exit_status == 1);
    CHECK(ran.json()["seq"] == 2);
    CHECK(sandbox.run({"wait", "--any", "1", "--timeout", "0s"}).exit_status == 75);
}

TEST_CASE("Wait ends with its job, and knows how it ended even when it has been forgotten") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running waiting = sandbox.start({"wait", "1", "77"});
    // It has found the first when it tells of the second.
    REQUIRE(waiting.wait_for_error("77"));
    waiting.signal(SIGSTOP);
    CHECK(sandbox.run({"finish", "1", "--error", "broken"}).exit_status == 0);
    CHECK(sandbox.run({"rm", "1"}).exit_status == 0);
    waiting.signal(SIGCONT);
    CHECK(waiting.wait().exit_status == 1);
}

TEST_CASE("Ctrl-C ends the waiting with 130") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running waiting = sandbox.start({"wait", "1", "77"});
    REQUIRE(waiting.wait_for_error("77"));
    waiting.signal(SIGINT);
    CHECK(waiting.wait().exit_status == 130);
    CHECK(sandbox.status("1")["status"] == "running");
}

TEST_CASE("Wait settles a job whose worker is gone, and says so with 5") {
    const Sandbox sandbox;
    Running running = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(running.wait_for("ready"));
    running.kill_now();
    CHECK(sandbox.run({"wait", "last"}).exit_status == 5);
    CHECK(sandbox.status("last")["reason"] == "worker_lost");
}

TEST_CASE("A job's end wakes those who wait in other processes") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    std::vector<Running> waiting;
    for (int n = 0; n < 3; ++n)
        waiting.push_back(sandbox.start({"wait", "1"}));
    CHECK(sandbox.run({"finish", "1"}).exit_status == 0);
    for (Running& one : waiting)
        CHECK(one.wait().exit_status == 0);
}
