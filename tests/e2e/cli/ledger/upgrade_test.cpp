#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// A job that runs under a worker of this release and waits in the middle of its work.
struct UpgradeCase : Sandbox {
    UpgradeCase() {
        for (const std::string name : {"up", "go"})
            REQUIRE(mkfifo((dir() / name).c_str(), 0600) == 0);
        environment()["DIR"] = dir().path();
    }
    std::string begin(const std::string& rest) {
        const std::string id = submit("echo up > $DIR/up; read -r line < $DIR/go; " + rest);
        REQUIRE(read_file(dir() / "up") == "up\n");
        return id;
    }
    void go() const { REQUIRE(shell("echo go > $HOME/go").exit_status == 0); }
    /// Waits while the worker or the migration has the ledger locked.
    std::string pragma(const std::string& name) const {
        return exec({"sqlite3", "-cmd", ".timeout 60000", ledger(), "PRAGMA " + name}).line();
    }

    Running worker = [this] {
        make_ledger();
        return start({"worker", "--slots", "1"});
    }();
};

}  // namespace

TEST_CASE_METHOD(
    UpgradeCase,
    "a job that runs across a migration ends with its own result, under its old worker") {
    // Inside the job, the program is already the newer one.
    const std::string id =
        begin(std::string{kNextProgram} + " report --result '{\"n\":7}' && echo from the command");
    const nlohmann::json migrated = exec({kNextProgram, "migrate", "--json"}).json();
    CHECK(migrated["from"] == 10);
    CHECK(migrated["to"] == 11);
    REQUIRE(pragma("user_version") == "11");
    go();
    CHECK(exec({kNextProgram, "wait", id}).exit_status == 0);
    const nlohmann::json job = status(id);
    CHECK(job["status"] == "done");
    CHECK(job["result"] == nlohmann::json{{"n", 7}});
    CHECK_THAT(run({"logs", id}).out, Contains("from the command"));

    // The old worker continues with jobs of both releases.
    const std::string of_old = submit("true");
    const std::string of_next = exec({kNextProgram, "submit", "--", "true"}).line();
    CHECK(run({"wait", of_old, of_next}).exit_status == 0);
}

TEST_CASE_METHOD(
    UpgradeCase,
    "a migration that breaks old programs is left to migrate, which waits for their jobs") {
    const std::string id = begin("echo from the command");
    const Ran refused = exec({kBreakingProgram, "submit", "--", "true"});
    CHECK(refused.exit_status == 7);
    CHECK_THAT(refused.err, Contains("atlasjob migrate"));

    Running migrate = start_program({kBreakingProgram, "migrate"});
    REQUIRE(migrate.wait_for_error("job 1 (pid "));
    CHECK(pragma("user_version") == "10");
    go();
    CHECK_THAT(migrate.wait().out, Contains("migrated to 11"));
    CHECK(pragma("user_version") == "11");
    const Ran job = exec({kBreakingProgram, "status", id, "--json"});
    CHECK(job.json()["status"] == "done");
    // This release can neither read nor write it now.
    CHECK(run({"list"}).exit_status == 8);
    CHECK(run({"submit", "--", "true"}).exit_status == 8);
}
