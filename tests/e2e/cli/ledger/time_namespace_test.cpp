#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// In a time namespace, the starts of processes in /proc are shifted by its boot time.
constexpr const char* kElsewhere = "unshare --time --boottime 100000 --monotonic 100000 --fork ";

struct TimeNamespaceCase : Sandbox {
    TimeNamespaceCase() {
        for (const std::string name : {"up", "go"})
            REQUIRE(mkfifo((dir() / name).c_str(), 0600) == 0);
    }
    /// Whether a time namespace can be made: it takes root.
    bool possible() const {
        if (geteuid() == 0 && shell(std::string{kElsewhere} + "true").exit_status == 0) return true;
        WARN("skipped: cannot make a time namespace");
        return false;
    }
    /// Runs a job in one time namespace and gc in the other one while it runs.
    nlohmann::json run_beside_gc(const std::string& runner, const std::string& collector) const {
        const std::string script =
            "'echo up > $HOME/up; read -r line < $HOME/go; echo from the command'";
        const Ran detached = shell(runner + "$atlasjob run --detach -- sh -c " + script);
        REQUIRE(detached.exit_status == 0);
        REQUIRE(read_file(dir() / "up") == "up\n");
        const Ran gc = shell(collector + "$atlasjob gc --json");
        CHECK(gc.json()["reaped"] == 0);
        REQUIRE(shell("echo go > $HOME/go").exit_status == 0);
        REQUIRE(run({"wait", "last"}).exit_status == 0);
        return status("last");
    }
};

}  // namespace

TEST_CASE_METHOD(
    TimeNamespaceCase, "gc in another time namespace leaves a healthy job and its command alone") {
    if (!possible()) return;
    CHECK(run_beside_gc("", kElsewhere)["status"] == "done");
}

TEST_CASE_METHOD(
    TimeNamespaceCase, "gc leaves a healthy job alone that runs in another time namespace") {
    if (!possible()) return;
    CHECK(run_beside_gc(kElsewhere, "")["status"] == "done");
}
