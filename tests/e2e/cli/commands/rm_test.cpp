#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

TEST_CASE("rm deletes finished jobs with their output and leaves a tombstone") {
    const Sandbox sandbox;
    sandbox.submit("echo said");
    sandbox.submit("exit 0", {"--in", "1h"});
    sandbox.drain();
    const Ran ran = sandbox.run({"rm", "1", "2"});
    CHECK(ran.exit_status == 6);
    CHECK(ran.out == "job 1 was deleted\n");
    CHECK_THAT(sandbox.run({"status", "1"}).err, Contains("expired"));
    CHECK(sandbox.status("2")["status"] == "queued");
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(sandbox.ledger() + ".logs"))
        CHECK_FALSE(entry.is_regular_file());
}
