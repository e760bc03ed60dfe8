#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A sandbox with a running worker.
struct WorkerSandbox {
    Sandbox sandbox;
    Running worker = start_worker();

    Running start_worker() const {
        sandbox.make_ledger();
        return sandbox.start({"worker", "--slots", "2"});
    }
    ~WorkerSandbox() {
        worker.signal(SIGTERM);
        worker.signal(SIGTERM);
        worker.wait();
    }
    Ran follow(const std::string& script, const std::vector<std::string>& options = {}) const {
        std::vector<std::string> args = {"submit", "--follow"};
        args.insert(args.end(), options.begin(), options.end());
        args.insert(args.end(), {"--", "sh", "-c", script});
        return sandbox.run(args);
    }
};

}  // namespace

TEST_CASE("submit --follow prints the job first, streams its output and exits with its exit code") {
    const WorkerSandbox fixture;
    const Ran ran = fixture.follow("echo out; echo err >&2; printf 'no end'; exit 3");
    CHECK(ran.exit_status == 3);
    CHECK(ran.out == "out\nno end");
    const std::string id = fixture.sandbox.status("last")["job_id"];
    CHECK(ran.err == "job " + id + "\nerr\n");
    CHECK(fixture.follow("exit 0").exit_status == 0);
    CHECK(fixture.follow("kill -9 $$").exit_status == 137);
    CHECK(fixture.follow("exec sleep 600", {"--timeout", "100ms"}).exit_status == 124);
    CHECK(fixture.sandbox.run({"submit", "--follow", "--", "no-such-command"}).exit_status == 127);
    CHECK(fixture.sandbox.run({"submit", "--follow", "--", "/etc/passwd"}).exit_status == 126);
    CHECK(
        fixture.sandbox.run({"submit", "--follow", "--cwd", "/no/such", "--", "true"}).exit_status
        == 125);
}

TEST_CASE("submit --follow continues through attempts and exits with the code of the last one") {
    const WorkerSandbox fixture;
    const Ran ran = fixture.follow(
        "echo attempt $ATLASJOB_ATTEMPT; exit $((3 - ATLASJOB_ATTEMPT))",
        {"--retries", "9", "--backoff", "0s"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "attempt 1\nattempt 2\nattempt 3\n");
}

TEST_CASE("submit --detach-after exits with 75 and prints how to continue") {
    const WorkerSandbox fixture;
    const Ran ran = fixture.follow("echo begun; exec sleep 600", {"--detach-after", "200ms"});
    CHECK(ran.exit_status == 75);
    const std::string id = fixture.sandbox.status("last")["job_id"];
    CHECK_THAT(ran.err, StartsWith("job " + id + "\n"));
    CHECK_THAT(ran.err, Contains("atlasjob wait " + id) && Contains("atlasjob logs -f " + id));
    CHECK_THAT(fixture.sandbox.status(id)["status"].get<std::string>(), !Contains("cancelled"));
    CHECK(fixture.sandbox.run({"cancel", id, "--wait"}).exit_status == 0);
}

TEST_CASE("Ctrl-C exits submit --follow with 130 and leaves the job running") {
    const WorkerSandbox fixture;
    Running follower = fixture.sandbox.start(
        {"submit", "--follow", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(follower.wait_for("ready"));
    follower.signal(SIGINT);
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 130);
    CHECK_THAT(ran.err, Contains("atlasjob wait ") && Contains("atlasjob logs -f "));
    CHECK(fixture.sandbox.status("last")["status"] == "running");
    CHECK(fixture.sandbox.run({"cancel", "last", "--wait"}).exit_status == 0);
}

TEST_CASE("submit --follow of a cancelled job exits as run does, or with 3 if it never ran") {
    const WorkerSandbox fixture;
    Running follower = fixture.sandbox.start(
        {"submit", "--follow", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(follower.wait_for("ready"));
    CHECK(fixture.sandbox.run({"cancel", "last"}).exit_status == 0);
    CHECK(follower.wait().exit_status == 143);

    fixture.sandbox.run({"pause", "held"});
    Running queued = fixture.sandbox.start(
        {"submit", "--follow", "--queue", "held", "--key", "k", "--", "true"});
    Sandbox::await([&] {
        return !fixture.sandbox.run({"list", "--queue", "held", "--ids"}).out.empty();
    });
    CHECK(fixture.sandbox.run({"cancel", "--queue", "held", "--yes"}).exit_status == 0);
    CHECK(queued.wait().exit_status == 3);
}

TEST_CASE("submit --follow into a closed pipe exits with 141 and leaves the job running") {
    const WorkerSandbox fixture;
    const Ran ran = fixture.sandbox.shell(
        "{ $atlasjob submit --follow -- sh -c 'seq 100000; exec sleep 600'; echo $? >&2; }"
        " | head -n 1");
    CHECK(ran.out == "1\n");
    const std::string id = fixture.sandbox.status("last")["job_id"];
    CHECK(ran.err == "job " + id + "\n141\n");
    CHECK(fixture.sandbox.status("last")["status"] == "running");
    CHECK(fixture.sandbox.run({"cancel", "last", "--wait"}).exit_status == 0);
}
