#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;

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
