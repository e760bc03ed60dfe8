#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("wait reports the job's outcome by its exit code and prints nothing to stdout") {
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
    CHECK(sandbox.run({"wait", "2", "--ledger", sandbox.dir() / "none"}).exit_status == 7);
    CHECK(sandbox.run({"wait"}).exit_status == 2);
}

TEST_CASE("wait of several jobs exits with the first nonzero code in the order given") {
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

TEST_CASE("wait --timeout exits with 75 and leaves the job running") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    const Ran ran = sandbox.run({"wait", job, "--timeout", "50ms"});
    CHECK(ran.exit_status == 75);
    CHECK(ran.out.empty());
    CHECK(sandbox.run({"wait", job, "--timeout", "0s", "--json"}).json()["status"] == "running");
}

TEST_CASE("wait --any returns when the first job ends") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    sandbox.create({"--start"});
    Running waiter = sandbox.start({"wait", "--any", "1", "2", "--json"});
    CHECK(sandbox.run({"finish", "2", "--error", "broken"}).exit_status == 0);
    const Ran ran = waiter.wait();
    CHECK(ran.exit_status == 1);
    CHECK(ran.json()["seq"] == 2);
    CHECK(sandbox.run({"wait", "--any", "1", "--timeout", "0s"}).exit_status == 75);
}

TEST_CASE("wait reports the outcome of a job that was deleted right after it ended") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running waiter = sandbox.start({"wait", "1", "77"});
    // When it reports that job 77 is missing, it already watches job 1.
    REQUIRE(waiter.wait_for_error("77"));
    waiter.signal(SIGSTOP);
    CHECK(sandbox.run({"finish", "1", "--error", "broken"}).exit_status == 0);
    CHECK(sandbox.run({"rm", "1"}).exit_status == 0);
    waiter.signal(SIGCONT);
    CHECK(waiter.wait().exit_status == 1);
}

TEST_CASE("Ctrl-C exits wait with 130 and leaves the job running") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    Running waiter = sandbox.start({"wait", "1", "77"});
    REQUIRE(waiter.wait_for_error("77"));
    waiter.signal(SIGINT);
    CHECK(waiter.wait().exit_status == 130);
    CHECK(sandbox.status("1")["status"] == "running");
}

TEST_CASE("wait reaps a job whose worker is gone and exits with 5") {
    const Sandbox sandbox;
    Running running = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(running.wait_for("ready"));
    running.kill_now();
    CHECK(sandbox.run({"wait", "last"}).exit_status == 5);
    CHECK(sandbox.status("last")["reason"] == "worker_lost");
}

TEST_CASE("the end of a job wakes wait in other processes") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    std::vector<Running> waiters;
    for (int n = 0; n < 3; ++n)
        waiters.push_back(sandbox.start({"wait", "1"}));
    CHECK(sandbox.run({"finish", "1"}).exit_status == 0);
    for (Running& waiter : waiters)
        CHECK(waiter.wait().exit_status == 0);
}

TEST_CASE("wait for a deleted job exits by how that ended") {
    const Sandbox sandbox;
    sandbox.submit("exit 0");
    sandbox.submit("exit 3");
    sandbox.drain();
    REQUIRE(sandbox.run({"rm", "1", "2"}).exit_status == 0);
    CHECK(sandbox.run({"wait", "1"}).exit_status == 0);
    CHECK(sandbox.run({"wait", "2"}).exit_status == 1);
    CHECK(sandbox.run({"wait", "1", "2"}).exit_status == 1);
    CHECK(sandbox.run({"wait", "1", "--json"}).exit_status == 4);
    CHECK(sandbox.run({"wait", "9"}).exit_status == 4);
}
