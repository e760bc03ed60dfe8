#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("a job after the end of another runs whatever came of that one") {
    const Sandbox sandbox;
    const std::string failing = sandbox.submit("exit 3");
    const std::string cleanup = sandbox.submit("echo clean", {"--after-ended", failing});
    const Ran page = sandbox.run({"status", cleanup});
    CHECK_THAT(page.out, Contains("it waits for the end of job #1, which is queued"));
    CHECK(sandbox.status(cleanup)["after_ended"] == nlohmann::json{failing});
    CHECK(sandbox.status(cleanup)["after"].empty());
    sandbox.drain();
    CHECK(sandbox.status(failing)["status"] == "error");
    CHECK(sandbox.status(cleanup)["status"] == "done");
    const Ran like = sandbox.run({"submit", "--like", failing, "--after-ended", failing});
    CHECK(like.exit_status == 0);
    const Ran batch =
        sandbox.run({"submit", "--batch", "-"}, "{\"command\":[\"true\"],\"after_ended\":[1]}\n");
    CHECK(batch.exit_status == 0);
    CHECK(sandbox.status("last")["after_ended"] == nlohmann::json{failing});
}

TEST_CASE("a job after one that was done and is deleted is accepted") {
    const Sandbox sandbox;
    const std::string first = sandbox.submit("exit 0");
    sandbox.drain();
    REQUIRE(sandbox.run({"rm", first}).exit_status == 0);
    for (const std::string& name : {first, std::string{"1"}}) {
        const Ran ran = sandbox.run({"submit", "--json", "--after", name, "--", "true"});
        CHECK(ran.exit_status == 0);
        CHECK(ran.json()["status"] == "queued");
    }
    CHECK(
        sandbox
            .run(
                {"submit", "--batch", "-"},
                "{\"command\":[\"true\"],\"after\":\"" + first + "\"}\n")
            .exit_status
        == 0);
    CHECK(sandbox.run({"submit", "--after", "99", "--", "true"}).exit_status == 4);
}
