#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("a paused queue starts no job while other queues continue") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--queue", "gpu"});
    sandbox.submit("exit 0");
    CHECK_THAT(sandbox.run({"pause", "gpu"}).out, Contains("queue gpu is paused"));
    CHECK_THAT(sandbox.run({"pause", "gpu"}).out, Contains("was already paused"));
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK_THAT(sandbox.run({"status", "1"}).out, Contains("queue gpu was paused by alice"));
    CHECK(sandbox.status("2")["status"] == "done");
    CHECK(sandbox.run({"pause"}).exit_status == 0);
    CHECK_THAT(sandbox.run({"resume", "gpu"}).err, Contains("all queues are still paused"));
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK(sandbox.run({"resume", "--json"}).json()["changed"] == true);
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(sandbox.run({"pause", "two words"}).exit_status == 2);
}

TEST_CASE("a queue can be paused before it has any job") {
    const Sandbox sandbox;
    sandbox.make_ledger();
    CHECK(sandbox.run({"pause", "gpu"}).exit_status == 0);
    sandbox.submit("exit 0", {"--queue", "gpu"});
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
}
