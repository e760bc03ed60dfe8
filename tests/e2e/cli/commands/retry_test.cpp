#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("retry gives finished jobs another attempt, by id or by filters") {
    const Sandbox sandbox;
    const std::string flag = sandbox.dir() / "flag";
    sandbox.submit("[ -e " + flag + " ]", {"--kind", "k"});
    sandbox.submit("exit 0", {"--kind", "k"});
    sandbox.submit("[ -e " + flag + " ]", {"--kind", "other"});
    CHECK(sandbox.run({"retry", "1"}).exit_status == 6);
    sandbox.drain();
    std::filesystem::create_directory(flag);
    CHECK(sandbox.run({"retry", "--kind", "k"}).exit_status == 2);
    const Ran ran = sandbox.run({"retry", "--kind", "k", "--yes"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "job 1 is queued again\n");
    CHECK(sandbox.run({"retry", "3", "--json"}).json()["status"] == "queued");
    CHECK(sandbox.run({"retry", "--status", "queued", "--yes"}).exit_status == 2);
    sandbox.drain();
    for (const char* const job : {"1", "3"}) {
        CHECK(sandbox.status(job)["status"] == "done");
        CHECK(sandbox.status(job)["attempt"] == 2);
    }
    CHECK(sandbox.status("2")["attempt"] == 1);
}

namespace {

/// Three jobs in a chain, of which the first fails and the others are cancelled.
struct FailedChain {
    FailedChain() {
        first = sandbox.submit("[ -e " + flag() + " ]");
        second = sandbox.submit("exit 0", {"--after", first});
        third = sandbox.submit("exit 0", {"--after", second});
        sandbox.drain();
        REQUIRE(sandbox.status(third)["reason"] == "dependency");
        std::filesystem::create_directory(flag());
    }
    std::string flag() const { return sandbox.dir() / "flag"; }
    void check_done() const {
        sandbox.drain();
        for (const auto& job : {first, second, third})
            CHECK(sandbox.status(job)["status"] == "done");
    }

    Sandbox sandbox;
    std::string first;
    std::string second;
    std::string third;
};

}  // namespace

TEST_CASE("a chain that is retried by filters is queued in one pass") {
    const FailedChain chain;
    REQUIRE(chain.sandbox.run({"retry", chain.first}).exit_status == 0);
    CHECK(chain.sandbox.run({"retry", "--status", "cancelled", "--yes"}).exit_status == 0);
    chain.check_done();
}

TEST_CASE("jobs that are retried together may be named in any order") {
    const FailedChain chain;
    const Ran ran = chain.sandbox.run({"retry", "3", "1", "2"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "job 1 is queued again\njob 2 is queued again\njob 3 is queued again\n");
    CHECK(ran.err.empty());
    chain.check_done();
}

TEST_CASE("retry names the jobs that stay cancelled because of the retried one") {
    const FailedChain chain;
    const Ran ran = chain.sandbox.run({"retry", "1"});
    CHECK(ran.exit_status == 0);
    CHECK_THAT(ran.err, Contains("jobs 2 and 3") && Contains("`atlasjob retry 2 3`"));
    CHECK(chain.sandbox.run({"retry", "2", "3"}).exit_status == 0);
    chain.check_done();
}

TEST_CASE("retry --dependents takes the whole chain along") {
    const FailedChain chain;
    const Ran ran = chain.sandbox.run({"retry", "1", "--dependents"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.err.empty());
    chain.check_done();
}

TEST_CASE("retry of several jobs says for how many it failed") {
    const FailedChain chain;
    const Ran ran = chain.sandbox.run({"retry", "3", "1"});
    CHECK(ran.exit_status == 6);
    CHECK(ran.out == "job 1 is queued again\n");
    CHECK_THAT(
        ran.err, Contains("job 3 depends on job 2") && Contains("atlasjob retry 2 3")
                     && Contains("could not retry 1 of 2 jobs"));
    CHECK_THAT(chain.sandbox.run({"retry", "3", "1", "-q"}).err, !Contains("failed for"));
}

TEST_CASE("a job that backs off is started at once as the hint of retry says") {
    const Sandbox sandbox;
    sandbox.submit("exit 1", {"--retries", "1", "--backoff", "1h"});
    sandbox.drain();
    const Ran refused = sandbox.run({"retry", "1"});
    CHECK(refused.exit_status == 6);
    CHECK_THAT(refused.err, Contains("atlasjob edit 1 --in 0s"));
    CHECK(sandbox.run({"edit", "1", "--at", "now"}).exit_status == 0);
    sandbox.drain();
    CHECK(sandbox.status("1")["attempt"] == 2);
}
