#include "base/sanitized.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kWhy = "cannot start \"no-such-command\": no such command in PATH";

}  // namespace

TEST_CASE("whoever waits for a command that cannot be started is told why in one line") {
    Sandbox sandbox;
    const std::string line = std::string{kWhy} + "\n";
    const Ran run = sandbox.run({"run", "--", "no-such-command"});
    CHECK(run.exit_status == 127);
    CHECK(run.out.empty());
    CHECK(run.err == "atlasjob: " + line);

    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    const Ran followed = sandbox.run({"submit", "--follow", "--", "no-such-command"});
    CHECK(followed.exit_status == 127);
    CHECK_THAT(followed.err, Catch::Matchers::EndsWith("\natlasjob: " + line));
    const Ran waited = sandbox.run({"wait", "2"});
    CHECK(waited.exit_status == 1);
    CHECK(waited.err == "job 2 error: " + line);
    CHECK_THAT(sandbox.run({"status", "2"}).out, Contains(kWhy));
    CHECK(sandbox.status("2")["error_code"] == "start_failed");
    sandbox.stop_workers();
}

/// Whoever runs the tests may have left descriptors open, which would count.
constexpr const char* kCloseInherited = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ";

TEST_CASE("run without descriptors names the limit, and its job is not left running") {
    if (atlasjob::kSanitized) {
        WARN("skipped: sanitizers need descriptors of their own");
        return;
    }
    const Sandbox sandbox;
    sandbox.make_ledger();
    int failed = 0;
    for (int limit = 4; limit < 40; ++limit) {
        const Ran ran = sandbox.shell(
            fmt::format("{}ulimit -n {}; $atlasjob run -- true", kCloseInherited, limit));
        INFO(fmt::format("ulimit -n {}: {} {}", limit, ran.exit_status, ran.err));
        CHECK(ran.out.empty());
        const bool loads =
            sandbox
                .shell(fmt::format("{}ulimit -n {}; $atlasjob --version", kCloseInherited, limit))
                .exit_status
            == 0;
        if (ran.exit_status == 0 || !loads) continue;
        CHECK(ran.exit_status == 125);
        CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
        CHECK_THAT(
            ran.err, Contains("descriptor") || Contains(fmt::format("the limit is {}", limit)));
        const auto jobs = sandbox.run({"list", "--json", "--limit", "1"}).json()["jobs"];
        if (jobs.empty()) continue;
        CHECK(jobs[0]["status"] == "error");
        CHECK(jobs[0]["error_code"] == "start_failed");
        CHECK_THAT(
            jobs[0]["error"].get<std::string>(), Contains(fmt::format("the limit is {}", limit)));
        ++failed;
        REQUIRE(sandbox.run({"rm", "last"}).exit_status == 0);
    }
    CHECK(failed > 3);
    CHECK(sandbox.run({"list", "--status", "running", "--ids"}).out.empty());
}

TEST_CASE("output of run that cannot be stored is shown, and told") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    const std::string logs = sandbox.ledger() + ".logs";
    const Ran ran = sandbox.shell(
        "export atlasjob; mkdir -m 700 " + logs + "; unshare -m sh -c 'mount -t tmpfs -o size=64k,mode=700 none " + logs
        + " && $atlasjob run -- sh -c \"head -c 500000 /dev/zero | tr \\\\\\\\0 x; echo end\"; echo rc $?'");
    if (ran.err.find("mount:") != std::string::npos
        || ran.err.find("unshare:") != std::string::npos) {
        WARN("this account may not mount file systems");
        return;
    }
    CHECK_THAT(ran.out, Catch::Matchers::EndsWith("xend\nrc 0\n"));
    CHECK_THAT(
        ran.err,
        Contains("atlasjob: job 1: ")
            && Contains("bytes of its output could not be stored: No space left on device"));
    const Ran events = sandbox.run({"events", "1"});
    CHECK_THAT(events.out, Contains("log_incomplete") && Contains("could not be stored"));
}
