#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

std::size_t log_files_in(const Sandbox& sandbox) {
    std::size_t count = 0;
    const std::string root = sandbox.ledger() + ".logs";
    if (!fs::exists(root)) return 0;
    for (const auto& entry : fs::recursive_directory_iterator{root})
        if (entry.is_regular_file()) ++count;
    return count;
}

}  // namespace

TEST_CASE("gc deletes only expired jobs, with their output") {
    const Sandbox sandbox;
    REQUIRE(sandbox.run({"run", "--retain", "0s", "--", "echo", "old"}).exit_status == 0);
    REQUIRE(sandbox.run({"run", "--", "echo", "young"}).exit_status == 0);
    sandbox.create();
    sandbox.create({"--start"});
    CHECK(log_files_in(sandbox) == 2);

    const Ran dry_run = sandbox.run({"gc", "--dry-run", "--json"});
    CHECK(dry_run.exit_status == 0);
    CHECK(dry_run.json()["pruned"] == 1);
    CHECK(dry_run.json()["dry_run"] == true);
    CHECK(sandbox.status("1")["status"] == "done");
    CHECK(log_files_in(sandbox) == 2);

    const auto json = sandbox.run({"gc", "--json"}).json();
    CHECK(json["pruned"] == 1);
    CHECK(json["reaped"] == 0);
    CHECK(json["requeued"] == 0);
    CHECK(json["logs_removed"] == 1);
    CHECK(json["dry_run"] == false);
    CHECK(log_files_in(sandbox) == 1);
    const Ran expired = sandbox.run({"status", "1"});
    CHECK(expired.exit_status == 4);
    CHECK_THAT(expired.err, Contains("expired"));
    CHECK(sandbox.run({"status", "1", "--json"}).error_json()["code"] == "expired");
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == 3);
}

TEST_CASE("gc with nothing to do prints nothing with -q, and a line without") {
    const Sandbox sandbox;
    sandbox.create();
    const Ran quiet = sandbox.run({"gc", "-q"});
    CHECK(quiet.exit_status == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    CHECK_FALSE(sandbox.run({"gc"}).out.empty());
    REQUIRE(sandbox.run({"run", "--retain", "0s", "--", "true"}).exit_status == 0);
    CHECK_FALSE(sandbox.run({"gc", "-q"}).out.empty());
}

TEST_CASE(
    "retention options of gc override the defaults, and a job's own retention overrides both") {
    const Sandbox sandbox;
    sandbox.run({"run", "--", "true"});
    sandbox.run({"run", "--", "false"});
    sandbox.run({"run", "--retain", "7d", "--", "true"});
    sandbox.create();
    sandbox.run({"cancel", "4"});
    CHECK(sandbox.run({"gc", "--keep-done", "0s", "--json"}).json()["pruned"] == 1);
    CHECK(sandbox.run({"gc", "--keep-error", "0s", "--json"}).json()["pruned"] == 1);
    CHECK(sandbox.run({"gc", "--keep-cancelled", "0s", "--json"}).json()["pruned"] == 1);
    CHECK(
        sandbox.run({"list", "--ids"}).out
        == sandbox.status("3")["job_id"].get<std::string>() + "\n");
}

TEST_CASE("gc reaps a job whose supervisor was killed and leaves a live one alone") {
    const Sandbox sandbox;
    Running alive = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec cat"});
    REQUIRE(alive.wait_for("ready"));
    {
        Running killed = sandbox.start({"run", "--", "sh", "-c", "echo ready; exec sleep 600"});
        REQUIRE(killed.wait_for("ready"));
        killed.kill_now();
        // Its command holds the pipes; gc kills the command before it reaps the job.
        const auto json = sandbox.run({"gc", "--json"}).json();
        CHECK(json["reaped"] == 1);
        CHECK(killed.wait().exit_status == 137);
    }
    const auto lost = sandbox.status("2");
    CHECK(lost["status"] == "error");
    CHECK(lost["reason"] == "worker_lost");
    CHECK(lost["error_code"] == "worker_lost");
    CHECK(sandbox.status("1")["status"] == "running");
    alive.close_input();
    CHECK(alive.wait().exit_status == 0);
    CHECK(sandbox.status("1")["status"] == "done");
}
