#include "base/text.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

nlohmann::json finding(const Sandbox& sandbox, const std::string& subject) {
    const auto findings = sandbox.run({"doctor", "--json"}).json()["findings"];
    const auto found = std::ranges::find_if(
        findings, [&](const nlohmann::json& one) { return one["subject"] == subject; });
    REQUIRE(found != findings.end());
    return *found;
}

}  // namespace

TEST_CASE(
    "the error of a background worker is in its log, in doctor, and told to who starts the next") {
    Sandbox sandbox;
    sandbox.make_ledger();
    CHECK(finding(sandbox, "worker log")["level"] == "ok");
    sandbox.environment()["ATLASJOB_ON_DEMAND_WORKER"] = "true";
    // Enough descriptors to submit, but not for a worker's event loop.
    const Ran first = sandbox.shell(
        "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; ulimit -n 14; $atlasjob submit -- true");
    REQUIRE(first.exit_status == 0);
    CHECK(first.err == "");
    const std::string log = sandbox.ledger() + ".logs/worker.log";
    sandbox.shell(
        "for i in $(seq 600); do test -s " + log
        + " && break; timeout 0.1 tail -f /dev/null; done");
    CHECK_THAT(
        sandbox.shell("cat " + log).out, Contains("error ") && Contains("Too many open files"));
    const auto note = finding(sandbox, "worker log");
    CHECK(note["level"] == "note");
    CHECK_THAT(note["text"].get<std::string>(), Contains("Too many open files"));
    CHECK_THAT(note["fix"].get<std::string>(), Contains(log));

    const Ran second = sandbox.run({"submit", "--", "true"});
    CHECK(second.exit_status == 0);
    CHECK_THAT(
        second.err, Contains("a new worker was started, as the last one failed")
                        && Contains("Too many open files") && Contains(log));
    CHECK(sandbox.run({"wait", "1", "2", "--timeout", "60s"}).exit_status == 0);
    // The new one has started: nothing to tell any more.
    sandbox.stop_workers();
    const Ran third = sandbox.run({"submit", "--", "true"});
    CHECK(third.err.empty());
    CHECK(sandbox.run({"wait", "last", "--timeout", "60s"}).exit_status == 0);
    sandbox.stop_workers();
}
