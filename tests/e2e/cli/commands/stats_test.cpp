#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;

TEST_CASE("stats counts the caller's jobs, or everybody's with --admin") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--kind", "k", "--queue", "gpu"});
    sandbox.submit("exit 1");
    sandbox.create({"--principal", "bob"});
    sandbox.drain();
    const auto own = sandbox.run({"stats", "--json"}).json();
    CHECK(
        own["by_status"]
        == nlohmann::json{
            {"queued", 0}, {"running", 0}, {"done", 1}, {"error", 1}, {"cancelled", 0}});
    CHECK(own["total"] == 2);
    CHECK(own["by_queue"] == nlohmann::json{{"default", 1}, {"gpu", 1}});
    CHECK(own["by_kind"] == nlohmann::json{{"command", 1}, {"k", 1}});
    CHECK(own["durations"]["jobs"] == 2);
    CHECK(sandbox.run({"stats", "--json", "--admin"}).json()["total"] == 3);
}
