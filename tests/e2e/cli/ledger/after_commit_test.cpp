#include "base/text.h"
#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <regex>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

std::string newest(const Sandbox& sandbox) {
    return sandbox.run({"list", "--ids", "--limit", "1"}).line();
}

/// A ledger with a queued job, and a way to run the program so that its reads fail.
struct FailingReads : Sandbox {
    FailingReads() {
        environment()["ASAN_OPTIONS"] = "detect_leaks=0";  // Not possible in a traced process.
        queued = create();
    }

    bool possible() const {
        if (exec({"strace", "-qq", "-o", "/dev/null", "true"}).exit_status == 0) return true;
        WARN("skipped: strace is missing or not permitted");
        return false;
    }

    /// Runs atlasjob with `args`; its n-th page read fails, and so do the system calls in
    /// `faults`.
    Ran run_failing(
        int n,
        const std::vector<std::string>& args,
        const std::string& input = {},
        const std::vector<std::string>& faults = {}) const {
        std::vector<std::string> argv = {"strace", "-f", "-qq", "-o", "/dev/null"};
        argv.insert(argv.end(), {"-e", fmt::format("inject=pread64:error=EIO:when={}", n)});
        for (const std::string& fault : faults)
            argv.insert(argv.end(), {"-e", "inject=" + fault});
        argv.emplace_back(kProgram);
        argv.insert(argv.end(), args.begin(), args.end());
        return exec(argv, input);
    }

    std::string rev(const std::string& job) const { return status(job)["rev"].dump(); }

    std::string queued;  ///< A job for an external executor.
};

constexpr int kReads = 45;

}  // namespace

TEST_CASE("a job that is recorded but cannot be printed is reported with its id and runs") {
    Sandbox sandbox;
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const std::string options = GENERATE(as<std::string>{}, "", "--json ");
    const Ran ran = sandbox.shell("$atlasjob " + options + "submit -- true >/dev/full");
    CHECK(ran.exit_status == 7);
    CHECK_THAT(
        ran.err,
        Contains(
            "recorded as " + newest(sandbox)
            + ", but the answer cannot be printed: cannot write the answer to standard output: No "
              "space left on device"));
    CHECK_THAT(ran.err, Contains("see atlasjob status " + newest(sandbox)));
    if (!options.empty()) CHECK(ran.error_json()["code"] == "unavailable");
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    sandbox.stop_workers();
}

TEST_CASE("every verb reports what it has done when its output cannot be written") {
    const Sandbox sandbox;
    sandbox.create();
    std::ofstream{sandbox.dir() / "jobs"} << R"({"command":["true"]})"
                                          << "\n"
                                          << R"({"command":["true"]})"
                                          << "\n";
    const auto fails = [&](const std::string& args, const std::string& done) {
        const Ran ran = sandbox.shell("$atlasjob " + args + " >/dev/full");
        INFO(args);
        CHECK(ran.exit_status == (args.starts_with("run") ? 125 : 7));
        CHECK_THAT(
            ran.err,
            Contains(done) && Contains(", but the answer cannot be printed: cannot write"));
    };
    fails("create", "recorded as ");
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == 2);
    fails("edit 1 --priority 3", "job 1 was edited");
    CHECK(sandbox.status("1")["priority"] == 3);
    fails("start 1 --json", "job 1 was started");
    fails("report 1 --progress 0.5 --json", "the report of job 1 was recorded");
    fails("cancel 1", "job 1 was asked to stop");
    fails("finish 1 --cancelled --json", "job 1 is finished");
    CHECK(sandbox.status("1")["status"] == "cancelled");
    fails("retry 1", "job 1 is queued again");
    fails("cancel 1 --json", "job 1 was cancelled before it started");
    fails("rm 1", "job 1 was deleted");
    CHECK(sandbox.run({"status", "1"}).exit_status == 4);
    fails("pause", "every queue is paused");
    fails("resume", "every queue was resumed");
    fails("gc", "garbage collection is done");
    fails("gc --dry-run", "nothing was changed");
    fails("backup \"$HOME/copy.db\"", "copied to " + sandbox.dir() / "copy.db");
    fails("migrate", "nothing was changed");
    fails("import /dev/null", "the jobs are imported");
    fails("run --detach -- true", "recorded as ");
    CHECK(sandbox.run({"wait", "last"}).exit_status == 0);
    fails("submit --batch \"$HOME/jobs\"", "recorded as ");
    const Ran batch = sandbox.shell("$atlasjob submit --batch \"$HOME/jobs\" >/dev/full");
    const std::string ids = sandbox.run({"list", "--ids", "--limit", "2"}).line();
    for (const std::string_view id : split(ids, '\n'))
        CHECK_THAT(batch.err, Contains(std::string{id}));
}

TEST_CASE("a verb on several jobs does all of them and reports each that it cannot print") {
    const Sandbox sandbox;
    for (int i = 0; i < 3; ++i)
        sandbox.create();
    const Ran ran = sandbox.shell("$atlasjob cancel 1 2 3 9 >/dev/full");
    CHECK(ran.exit_status == 4);
    for (const std::string number : {"1", "2", "3"}) {
        CHECK(sandbox.status(number)["status"] == "cancelled");
        CHECK_THAT(
            ran.err,
            Contains("job " + number + " was cancelled before it started, but the answer cannot"));
    }
}

TEST_CASE("report exits with 3 for a cancelled job even if it cannot print the job") {
    const Sandbox sandbox;
    sandbox.create({"--start"});
    REQUIRE(sandbox.run({"cancel", "1"}).exit_status == 0);
    const Ran ran = sandbox.shell("$atlasjob report 1 --progress 0.5 --json >/dev/full");
    CHECK(ran.exit_status == 3);
    CHECK_THAT(
        ran.err, Contains("the report of job 1 was recorded, but the answer cannot be printed"));
}

TEST_CASE("wait --json reports expired for a job that was deleted meanwhile") {
    const Sandbox sandbox;
    const std::string id = sandbox.create({"--start"});
    Running waiter = sandbox.start({"wait", "--json", id});
    // Stopped while it opens the ledger, it keeps others out: then it is stopped once more, later.
    int finished = 7;
    while (finished == 7) {
        waiter.signal(SIGSTOP);
        finished = sandbox.run({"finish", id}).exit_status;
        if (finished == 7) waiter.signal(SIGCONT);
    }
    REQUIRE(finished == 0);
    REQUIRE(sandbox.run({"rm", id}).exit_status == 0);
    waiter.signal(SIGCONT);
    const Ran ran = waiter.wait();
    CHECK(ran.exit_status == 4);
    CHECK(ran.out.empty());
    CHECK(ran.error_json()["code"] == "expired");
}

TEST_CASE_METHOD(
    FailingReads, "a recorded job is always reported with its id, whichever read fails") {
    if (!possible()) return;
    const auto verb = GENERATE_COPY(values<std::vector<std::string>>(
        {{"submit", "--json", "--after", "1", "--", "true"},
         {"create", "--json"},
         {"submit", "--", "true"}}));
    bool after_commit = false;
    for (int n = 1; n <= kReads; ++n) {
        const std::string before = newest(*this);
        const Ran ran = run_failing(n, verb);
        const std::string now = newest(*this);
        INFO(n << ": " << ran.exit_status << " " << ran.out << ran.err);
        if (ran.exit_status == 0) {
            CHECK(now != before);
            CHECK_THAT(ran.out, Contains(now));
        } else {
            CHECK(ran.out.empty());
            if (now != before) CHECK_THAT(ran.err, Contains("recorded as " + now + ", but "));
            after_commit = after_commit || now != before;
        }
    }
    // Otherwise no fault was injected after the commit.
    if (verb[1] == "--json") CHECK(after_commit);
}

TEST_CASE_METHOD(
    FailingReads, "a commit with an unknown outcome is reported with the job_id to check") {
    if (!possible()) return;
    const std::regex hint{"job [0-9a-f-]{36} before trying again"};
    bool unknown = false;
    for (int n = 1; n <= kReads; ++n) {
        const std::string before = newest(*this);
        const Ran ran =
            run_failing(n, {"submit", "--", "true"}, {}, {"fdatasync:error=EIO:when=1+"});
        INFO(n << ": " << ran.exit_status << " " << ran.out << ran.err);
        CHECK(ran.exit_status != 0);
        if (ran.err.find("it is unknown whether") == std::string::npos) continue;
        unknown = true;
        CHECK(std::regex_search(ran.err, hint));
    }
    CHECK(unknown);
}

TEST_CASE_METHOD(FailingReads, "a verb that changed a job reports it, whichever read fails") {
    if (!possible()) return;
    struct Verb {
        std::vector<std::string> args;
        std::vector<std::string> before;  ///< Brings the job into a status that allows it.
        std::string done;
    };
    const std::vector<Verb> verbs = {
        {{"edit", "1", "--priority", "1", "--json"},
         {"edit", "1", "--priority", "0"},
         "was edited"},
        {{"cancel", "1", "--json"}, {"retry", "1", "-q"}, "cancelled"},
        {{"retry", "1", "--json"}, {"cancel", "1", "-q"}, "queued again"},
        {{"finish", "1", "--json"}, {"start", "1"}, "job 1 is finished"}};
    bool after_commit = false;
    for (const Verb& verb : verbs) {
        for (int n = 1; n <= kReads; ++n) {
            if (status("1")["status"] == "done") REQUIRE(run({"retry", "1"}).exit_status == 0);
            static_cast<void>(run(verb.before));
            const std::string before = rev("1");
            const Ran ran = run_failing(n, verb.args);
            INFO(n << ": " << ran.exit_status << " " << ran.out << ran.err);
            if (ran.exit_status == 0) {
                CHECK(ran.json()["seq"] == 1);
            } else if (rev("1") != before) {
                CHECK_THAT(ran.err, Contains(verb.done) && Contains(", but "));
                after_commit = true;
            }
        }
    }
    CHECK(after_commit);
}

TEST_CASE_METHOD(FailingReads, "an MCP client gets the id of its job, whichever read fails") {
    if (!possible()) return;
    const auto call = [](const std::string& tool, const std::string& arguments) {
        return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool
               + R"(","arguments":)" + arguments + "}}\n";
    };
    const std::vector<std::string> server = {"mcp", "--allow", "submit,cancel,retry"};
    bool noted = false;
    for (int n = 1; n <= kReads; ++n) {
        const std::string before = newest(*this);
        const Ran ran = run_failing(
            n, server, call("submit_job", R"({"command":["true"],"after":[")" + queued + "\"]}"));
        INFO(n << ": " << ran.out << ran.err);
        const std::string now = newest(*this);
        if (now != before) CHECK_THAT(ran.out, Contains(now));
        noted = noted || ran.out.find("its status cannot be read") != std::string::npos;
    }
    CHECK(noted);
    for (int n = 1; n <= kReads; ++n) {
        const std::string before = status(queued)["status"];
        const bool cancelling = before == "queued";
        const Ran ran = run_failing(
            n, server,
            call(cancelling ? "cancel_job" : "retry_job", R"({"job_id":")" + queued + "\"}"));
        INFO(n << ": " << ran.out << ran.err);
        if (status(queued)["status"] == before) continue;
        const auto result = nlohmann::json::parse(ran.out).at("result");
        CHECK_FALSE(result.value("isError", false));
        CHECK_THAT(ran.out, Contains(queued));
    }
}
