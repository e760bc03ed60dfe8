#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <csignal>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// A sandbox with a worker in it.
struct Manned {
    Sandbox sandbox;
    Running worker = start_worker();

    Running start_worker() const {
        sandbox.make_ledger();
        return sandbox.start({"worker", "--slots", "2"});
    }
    ~Manned() {
        worker.signal(SIGTERM);
        worker.signal(SIGTERM);
        worker.wait();
    }
    Ran follow(const std::string& script, const std::vector<std::string>& options = {}) const {
        std::vector<std::string> words = {"submit", "--follow"};
        words.insert(words.end(), options.begin(), options.end());
        words.insert(words.end(), {"--", "sh", "-c", script});
        return sandbox.run(words);
    }
};

}  // namespace

TEST_CASE("Following names the job first, streams both outputs and relays the exit status") {
    const Manned manned;
    const Ran ran = manned.follow("echo out; echo err >&2; printf 'no end'; exit 3");
    CHECK(ran.exit_status == 3);
    CHECK(ran.out == "out\nno end");
    const std::string id = manned.sandbox.status("last")["job_id"];
    CHECK(ran.err == "job " + id + "\nerr\n");
    CHECK(manned.follow("exit 0").exit_status == 0);
    CHECK(manned.follow("kill -9 $$").exit_status == 137);
    CHECK(manned.follow("exec sleep 600", {"--timeout", "100ms"}).exit_status == 124);
    CHECK(manned.sandbox.run({"submit", "--follow", "--", "no-such-command"}).exit_status == 127);
    CHECK(manned.sandbox.run({"submit", "--follow", "--", "/etc/passwd"}).exit_status == 126);
    CHECK(
        manned.sandbox.run({"submit", "--follow", "--cwd", "/no/such", "--", "true"}).exit_status
        == 125);
}

TEST_CASE("Following goes on through attempts, and gives what the last one gave") {
    const Manned manned;
    const Ran ran = manned.follow(
        "echo attempt $ATLASJOB_ATTEMPT; exit $((3 - ATLASJOB_ATTEMPT))",
        {"--retries", "9", "--backoff", "0s"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "attempt 1\nattempt 2\nattempt 3\n");
}

TEST_CASE("After a while it detaches with 75 and says how to go on; the job goes on") {
    const Manned manned;
    const Ran ran = manned.follow("echo begun; exec sleep 600", {"--detach-after", "200ms"});
    CHECK(ran.exit_status == 75);
    const std::string id = manned.sandbox.status("last")["job_id"];
    CHECK_THAT(ran.err, StartsWith("job " + id + "\n"));
    CHECK_THAT(ran.err, Contains("atlasjob wait " + id) && Contains("atlasjob logs -f " + id));
    CHECK_THAT(manned.sandbox.status(id)["status"].get<std::string>(), !Contains("cancelled"));
    CHECK(manned.sandbox.run({"cancel", id, "--wait"}).exit_status == 0);
}

TEST_CASE("Ctrl-C detaches and does not cancel") {
    const Manned manned;
    Running following = manned.sandbox.start(
        {"submit", "--follow", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(following.wait_for("ready"));
    following.signal(SIGINT);
    const Ran ran = following.wait();
    CHECK(ran.exit_status == 130);
    CHECK_THAT(ran.err, Contains("atlasjob wait ") && Contains("atlasjob logs -f "));
    CHECK(manned.sandbox.status("last")["status"] == "running");
    CHECK(manned.sandbox.run({"cancel", "last", "--wait"}).exit_status == 0);
}

TEST_CASE("Following a job that is cancelled ends as run does, or with 3 if it never ran") {
    const Manned manned;
    Running following = manned.sandbox.start(
        {"submit", "--follow", "--", "sh", "-c", "echo ready; exec sleep 600"});
    REQUIRE(following.wait_for("ready"));
    CHECK(manned.sandbox.run({"cancel", "last"}).exit_status == 0);
    CHECK(following.wait().exit_status == 143);

    manned.sandbox.run({"pause", "held"});
    Running queued =
        manned.sandbox.start({"submit", "--follow", "--queue", "held", "--key", "k", "--", "true"});
    // The key is taken once it is recorded.
    while (manned.sandbox.run({"list", "--queue", "held", "--ids"}).out.empty()) {
    }
    CHECK(manned.sandbox.run({"cancel", "--queue", "held", "--yes"}).exit_status == 0);
    CHECK(queued.wait().exit_status == 3);
}

TEST_CASE("A reader that leaves ends the following, not the job") {
    const Manned manned;
    const Ran ran = manned.sandbox.shell(
        "$atlasjob submit --follow -- sh -c 'seq 100000; exec sleep 600' | head -n 1");
    CHECK(ran.out == "1\n");
    CHECK(manned.sandbox.status("last")["status"] == "running");
    CHECK(manned.sandbox.run({"cancel", "last", "--wait"}).exit_status == 0);
}
