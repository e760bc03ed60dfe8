#include "base/sanitized.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// A command line in which $atlasjob is the program, and the error it must print.
struct Lost {
    const char* script;
    const char* error;
};

}  // namespace

TEST_CASE("run exits with 125 and the job is an error when its output cannot be passed on") {
    const auto lost = GENERATE(values<Lost>(
        {{"$atlasjob run -- seq 100000 >/dev/full", "standard output: No space left on device"},
         {"$atlasjob run -- echo 1 >/dev/full", "standard output: No space left on device"},
         {"$atlasjob run -- printf 1 >/dev/full", "standard output: No space left on device"},
         {"$atlasjob run -- sh -c 'sleep 600 & echo 1' >/dev/full", "standard output: No space"},
         {"$atlasjob run --tty -- seq 100000 >/dev/full",
          "standard output: No space left on device"},
         {"$atlasjob run --tty -- printf 1 >/dev/full", "standard output: No space left on device"},
         {"$atlasjob run --result stdout -- echo 1 >/dev/full", "standard output: No space"},
         {"$atlasjob run -- echo 1 >&-", "standard output: Bad file descriptor"},
         {"$atlasjob run -- echo 1 1</dev/null", "standard output: Bad file descriptor"}}));
    const Sandbox sandbox;
    INFO(lost.script);
    const Ran ran = sandbox.shell(std::string{lost.script} + " </dev/null");
    CHECK(ran.exit_status == 125);
    CHECK_THAT(ran.err, Contains(lost.error) && Contains("atlasjob logs 1"));
    const auto job = sandbox.status("last");
    CHECK(job["status"] == "error");
    CHECK(job["error_code"] == "output_lost");
    CHECK(job["reason"].is_null());
    CHECK(job["exit_code"] == 0);
    CHECK(job["result"].is_null());
    CHECK_THAT(job["error"].get<std::string>(), Contains("command exited with 0, but its output"));
    const Ran logs = sandbox.run({"logs", "last"});
    CHECK_THAT(logs.out, Contains("1") && Contains("only in this log"));
    if (logs.out.size() > 1000) CHECK_THAT(logs.out, Contains("100000"));
}

TEST_CASE("run exits with 125 when standard error cannot be passed on") {
    const auto where = GENERATE(as<std::string>{}, "2>/dev/full", "2>&-", ">/dev/full 2>&1");
    const Sandbox sandbox;
    INFO(where);
    const Ran ran = sandbox.shell("$atlasjob run -- sh -c 'echo bad >&2' " + where);
    CHECK(ran.exit_status == 125);
    CHECK(ran.out.empty());
    CHECK_THAT(sandbox.status("last")["error"].get<std::string>(), Contains("standard error: "));
    CHECK_THAT(sandbox.run({"logs", "last"}).out, Contains("bad"));
}

TEST_CASE("run reports an output file that exceeds the file size limit") {
    const Sandbox sandbox;
    sandbox.create();
    // The ledger must fit: 2000 blocks of 512 bytes.
    const Ran ran =
        sandbox.shell("ulimit -f 2000; $atlasjob run -- seq 1000000 >\"$HOME/out\"; exit $?");
    CHECK(ran.exit_status == 125);
    CHECK_THAT(ran.err, Contains("standard output: File too large"));
    CHECK(sandbox.status("last")["error_code"] == "output_lost");
}

TEST_CASE("with --json lost output is reported as a JSON error") {
    const Sandbox sandbox;
    const Ran ran = sandbox.shell("$atlasjob --json run -- echo 1 >/dev/full");
    CHECK(ran.exit_status == 125);
    CHECK(ran.error_json()["code"] == "unavailable");
}

TEST_CASE("a failed command keeps its exit code when its output is also lost") {
    const Sandbox sandbox;
    const Ran ran = sandbox.shell("$atlasjob run -- sh -c 'echo 1; exit 3' >/dev/full");
    CHECK(ran.exit_status == 3);
    CHECK_THAT(ran.err, Contains("standard output: No space left on device"));
    CHECK(sandbox.status("last")["error_code"] == "exit_code");
}

TEST_CASE("a command without output succeeds even if its output could not be written") {
    const Sandbox sandbox;
    CHECK(sandbox.shell("$atlasjob run -- true >/dev/full 2>&1").exit_status == 0);
    CHECK(sandbox.shell("$atlasjob run -- true >&- 2>&-").exit_status == 0);
    CHECK(sandbox.status("last")["status"] == "done");
}

TEST_CASE("run into a closed pipe succeeds") {
    const auto options = GENERATE(as<std::string>{}, "", "--tty ");
    const Sandbox sandbox;
    const Ran ran = sandbox.shell(
        "{ $atlasjob run " + options + "-- seq 100000 </dev/null; echo $? >&2; } | true");
    CHECK(ran.err == "0\n");
    CHECK(sandbox.status("last")["status"] == "done");
}

TEST_CASE("logs exits with 7 when it cannot write the output") {
    const Sandbox sandbox;
    sandbox.submit("echo 1");
    sandbox.drain();
    for (const std::string command : {"logs last", "logs -f last", "logs -n 1 last"}) {
        INFO(command);
        const Ran ran = sandbox.shell("$atlasjob " + command + " >/dev/full");
        CHECK(ran.exit_status == 7);
        CHECK_THAT(ran.err, Contains("No space left on device"));
    }
}

TEST_CASE("submit --follow exits with 7 when it cannot write, and its job continues") {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const Ran output = sandbox.shell("$atlasjob submit --follow -- echo 1 >/dev/full");
    CHECK(output.exit_status == 7);
    CHECK_THAT(output.err, Contains("No space left on device"));
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    // The job_id on stderr counts as output, too.
    CHECK(sandbox.shell("$atlasjob submit --follow -- true 2>/dev/full").exit_status == 7);
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    CHECK(
        sandbox.shell("$atlasjob submit --follow -- sh -c 'exit 3' 2>/dev/full").exit_status == 3);
    sandbox.stop_workers();
}

TEST_CASE("every command exits with 7 when it cannot write its output") {
    const Sandbox sandbox;
    sandbox.create();
    const std::string command = GENERATE(
        as<std::string>{}, "--version", "-q --version", "help", "help run", "--help",
        "submit --help", "completion bash", "manual atlasjob.1", "list", "list --json",
        "list --ids", "status", "status 1", "stats", "events", "export", "config", "doctor",
        "complete jobs wait -- wait");
    const std::string where = GENERATE(as<std::string>{}, ">/dev/full", ">&-");
    INFO(command << where);
    const Ran ran = sandbox.shell("$atlasjob " + command + " " + where);
    CHECK(ran.exit_status == 7);
    CHECK_THAT(ran.err, Contains("cannot write the answer to standard output"));
}

TEST_CASE("a file size limit causes exit code 7, not a signal") {
    if (atlasjob::kSanitized) {
        WARN("skipped: the sanitizer's runtime writes files before main");
        return;
    }
    const Sandbox sandbox;
    for (const std::string command : {"--version", "help"}) {
        const Ran ran =
            sandbox.shell("ulimit -f 0; $atlasjob " + command + " >\"$HOME/out\"; exit $?");
        CHECK(ran.exit_status == 7);
        CHECK_THAT(ran.err, Contains("File too large"));
    }
}
