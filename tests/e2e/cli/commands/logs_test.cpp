#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;

TEST_CASE("logs prints both output streams byte for byte") {
    const Sandbox sandbox;
    // One writer at a time, so that the order is known.
    sandbox.run({"run", "--", "sh", "-c", R"(printf 'one\n\000\377two\r\n'; printf 'no end')"});
    const Ran ran = sandbox.run({"logs", "last"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == std::string{"one\n\0\xfftwo\r\nno end", 17});
    CHECK(ran.err.empty());
}

TEST_CASE("logs selects a stream, the last lines, timestamps or an attempt") {
    const Sandbox sandbox;
    sandbox.submit(
        "seq 100; echo attempt $ATLASJOB_ATTEMPT >&2; exit 1",
        {"--retries", "1", "--backoff", "0s"});
    sandbox.drain();
    CHECK(sandbox.run({"logs", "1", "--stderr"}).out == "attempt 2\n");
    CHECK(sandbox.run({"logs", "1", "--stderr", "--attempt", "1"}).out == "attempt 1\n");
    CHECK(sandbox.run({"logs", "1", "--stdout", "-n", "2"}).out == "99\n100\n");
    CHECK(sandbox.run({"logs", "1", "-n", "0"}).out.empty());
    CHECK_THAT(
        sandbox.run({"logs", "1", "--stdout", "-n", "1", "--timestamps"}).out,
        Matches("[0-9-]{10}T[0-9:.]{12}Z 100\n"));
    CHECK(sandbox.run({"logs", "1", "--attempt", "3"}).exit_status == 2);
    CHECK(sandbox.run({"logs", "1", "-n", "-1"}).exit_status == 2);
    CHECK(sandbox.run({"logs"}).exit_status == 2);
    CHECK(sandbox.run({"logs", "77"}).exit_status == 4);
    CHECK(sandbox.run({"logs", "1", "--principal", "bob"}).exit_status == 4);
}

TEST_CASE("logs -f prints output as it is written and exits with the job") {
    const Sandbox sandbox;
    Running job = sandbox.start({"run", "--", "sh", "-c", "echo one; cat; exit 1"});
    REQUIRE(job.wait_for("one"));
    Running follower = sandbox.start({"logs", "-f", "last"});
    REQUIRE(follower.wait_for("one\n"));
    job.write("two\n");
    REQUIRE(follower.wait_for("two\n"));
    job.write("three");
    REQUIRE(follower.wait_for("three"));  // Also a line without a newline, such as a prompt.
    job.close_input();
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "one\ntwo\nthree");
    CHECK(job.wait().exit_status == 1);
}

TEST_CASE("logs -f waits for the job to start and continues through its attempts") {
    const Sandbox sandbox;
    const std::string job = sandbox.submit(
        "echo attempt $ATLASJOB_ATTEMPT; exit 1", {"--retries", "2", "--backoff", "0s"});
    Running follower = sandbox.start({"logs", "-f", job});
    sandbox.drain();
    CHECK(follower.wait().out == "attempt 1\nattempt 2\nattempt 3\n");
    Running tail = sandbox.start({"logs", "-f", "-n", "1", job});
    CHECK(tail.wait().out == "attempt 3\n");
}

TEST_CASE("logs -f prints the rest of the output when the job is deleted meanwhile") {
    const Sandbox sandbox;
    Running job = sandbox.start({"run", "--", "sh", "-c", "echo one; cat"});
    REQUIRE(job.wait_for("one"));
    Running follower = sandbox.start({"logs", "-f", "last"});
    REQUIRE(follower.wait_for("one\n"));
    follower.signal(SIGSTOP);
    job.write("two\n");
    job.close_input();
    CHECK(job.wait().exit_status == 0);
    CHECK(sandbox.run({"rm", "last"}).exit_status == 0);
    follower.signal(SIGCONT);
    const Ran ran = follower.wait();
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "one\ntwo\n");
}

TEST_CASE("Ctrl-C exits logs -f with 130 and leaves the job running") {
    const Sandbox sandbox;
    Running job = sandbox.start({"run", "--", "sh", "-c", "echo one; cat"});
    REQUIRE(job.wait_for("one"));
    Running follower = sandbox.start({"logs", "-f", "last"});
    REQUIRE(follower.wait_for("one\n"));
    follower.signal(SIGINT);
    CHECK(follower.wait().exit_status == 130);
    CHECK(sandbox.status("last")["status"] == "running");
    job.close_input();
    CHECK(job.wait().exit_status == 0);
}

TEST_CASE("logs marks where output was dropped to keep --log-limit") {
    const Sandbox sandbox;
    sandbox.run({"run", "--log-limit", "16K", "--", "seq", "100000"});
    const Ran ran = sandbox.run({"logs", "last"});
    CHECK(ran.out.starts_with("1\n2\n3\n"));
    CHECK(ran.out.ends_with("99999\n100000\n"));
    CHECK(ran.out.size() < 16UL * 1024);
    CHECK_THAT(ran.err, Contains("output is missing here"));
    CHECK(sandbox.run({"logs", "last", "-n", "1"}).out == "100000\n");
}

TEST_CASE("output whose file was deleted is not mistaken for none") {
    const Sandbox sandbox;
    REQUIRE(sandbox.run({"run", "-q", "--", "sh", "-c", "echo precious; exit 3"}).exit_status == 3);
    const std::string id = sandbox.status("last")["job_id"];
    const std::string file =
        sandbox.ledger() + ".logs/" + id.substr(id.size() - 2) + "/" + id + ".1.log";
    REQUIRE(std::filesystem::remove(file));
    for (const std::vector<std::string>& options :
         {std::vector<std::string>{}, {"-n", "5"}, {"-f"}, {"--attempt", "1"}, {"--stderr"}}) {
        std::vector<std::string> args = {"logs", "last"};
        args.insert(args.end(), options.begin(), options.end());
        CAPTURE(options.empty() ? "" : options[0]);
        const Ran ran = sandbox.run(args);
        CHECK(ran.exit_status == 7);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, Contains("its output is gone: " + file));
    }
    CHECK_THAT(sandbox.run({"status", "last"}).out, Contains("its output is gone: " + file));
    // A job that printed nothing has nothing to miss.
    sandbox.run({"run", "-q", "--", "true"});
    CHECK(sandbox.run({"logs", "last"}).exit_status == 0);
}

TEST_CASE("logs prints what is left of output and notes that a part was deleted") {
    const Sandbox sandbox;
    sandbox.run({"run", "-q", "--log-limit", "64K", "--", "seq", "3000"});
    const std::string id = sandbox.status("last")["job_id"];
    const std::string file =
        sandbox.ledger() + ".logs/" + id.substr(id.size() - 2) + "/" + id + ".1.log";
    REQUIRE(std::filesystem::remove(file));
    const Ran ran = sandbox.run({"logs", "last"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out.starts_with("1\n2\n3\n"));
    CHECK_THAT(ran.err, Contains("bytes of its output are gone: " + file));
}

TEST_CASE("logs into a closed pipe exits with 0") {
    const Sandbox sandbox;
    sandbox.run({"run", "-q", "--", "seq", "100000"});
    const Ran ran = sandbox.shell("{ $atlasjob logs last; echo $? >&2; } | head -n 1");
    CHECK(ran.out == "1\n");
    CHECK(ran.err == "0\n");
}
