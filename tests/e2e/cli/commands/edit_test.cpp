#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;

TEST_CASE("a queued job can be edited, a finished one cannot") {
    const Sandbox sandbox;
    sandbox.submit("exit 0", {"--in", "1h"});
    CHECK(sandbox.run({"edit", "1", "--priority", "-7", "--queue", "gpu"}).exit_status == 0);
    CHECK(sandbox.status("1")["priority"] == -7);
    CHECK(sandbox.status("1")["queue"] == "gpu");
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "queued");
    CHECK(sandbox.run({"edit", "1", "--at", "2020-01-01T00:00:00Z"}).exit_status == 0);
    sandbox.drain();
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(sandbox.run({"edit", "1", "--priority", "1"}).exit_status == 6);
    CHECK(sandbox.run({"edit", "1"}).exit_status == 2);
    CHECK(sandbox.run({"edit", "--priority", "1"}).exit_status == 2);
    CHECK(sandbox.run({"edit", "77", "--priority", "1"}).exit_status == 4);
}
