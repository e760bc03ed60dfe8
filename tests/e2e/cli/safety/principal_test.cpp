#include "base/file.h"
#include "base/text.h"
#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

/// A machine whose own file does not know our account, and whose directory answers as it is told.
/// Nobody has said whom to act for.
class Machine : public Sandbox {
  public:
    Machine() {
        environment().erase("ATLASJOB_PRINCIPAL");
        environment()["PATH"] = dir() / "bin" + ":" + environment()["PATH"];
        std::filesystem::create_directory(dir() / "bin");
        std::ofstream{dir() / "passwd"} << "nobody:x:65534:65534::/:/bin/false\n";
        directory("exit 2");
    }

    /// $2 is the uid that is asked for.
    void directory(const std::string& script) const {
        const std::string getent = dir() / "bin/getent";
        std::ofstream{getent} << "#!/bin/sh\necho asked >>\"$HOME/asked\"\n" << script << "\n";
        REQUIRE(chmod(getent.c_str(), 0755) == 0);
    }

    /// Whether there can be such a machine here.
    bool possible() const {
        if (geteuid() == 0 && on("true").exit_status == 0) return true;
        WARN("skipped: nothing can be mounted here");
        return false;
    }

    /// Runs a shell script on that machine.
    Ran on(const std::string& script) const {
        return shell(
            "export atlasjob; exec unshare -m sh -c 'mount --make-rprivate / && mount --bind "
            "\"$HOME/passwd\" /etc/passwd || exit 99\n"
            + script + "'");
    }

    int times_asked() const {
        const std::string asked = read_file(dir() / "asked").value_or("");
        return static_cast<int>(std::ranges::count(asked, '\n'));
    }
};

constexpr const char* kNamed = "echo somebody:x:$2:0::/:/bin/sh";

}  // namespace

TEST_CASE_METHOD(Machine, "An account that nobody knows acts under its number") {
    if (!possible()) return;
    CHECK(on("$atlasjob create --json").json()["owner"] == "0");
    CHECK(on("$atlasjob list --json").json()["total"] == 1);
}

TEST_CASE_METHOD(Machine, "The directory is asked once for each program that needs it") {
    if (!possible()) return;
    directory(kNamed);
    const Ran ran = on("$atlasjob submit --json --label a=b -- true");
    REQUIRE(ran.exit_status == 0);
    CHECK(ran.json()["owner"] == "somebody");
    CHECK(times_asked() == 1);
    // A worker tells its slots.
    REQUIRE(on("$atlasjob submit -- true && $atlasjob worker --slots 2 --drain").exit_status == 0);
    CHECK(times_asked() == 3);
    CHECK(on("$atlasjob --principal somebody status 1 --json").json()["status"] == "done");
    CHECK(times_asked() == 3);
}

TEST_CASE_METHOD(Machine, "A directory that cannot be asked is an outage, and nobody else acts") {
    if (!possible()) return;
    directory(kNamed);
    REQUIRE(on("$atlasjob create").exit_status == 0);
    directory(GENERATE(as<std::string>{}, "exit 1", "exit 3", "echo nonsense", "exit 0"));
    for (const std::string command :
         {"list", "status 1", "submit -- true", "create", "run -- true", "cancel 1", "gc", "wait 1",
          "logs 1", "worker --drain", "mcp </dev/null", "submit --batch - </dev/null"}) {
        INFO(command);
        const Ran ran = on("$atlasjob " + command);
        CHECK(ran.exit_status == (command.starts_with("run") ? 125 : 7));
        CHECK(ran.out.empty());
        CHECK_THAT(
            ran.err, Contains("cannot look up your account name: getent")
                         && Contains("give --principal NAME or set ATLASJOB_PRINCIPAL"));
    }
    const Ran mine = on("ATLASJOB_PRINCIPAL=somebody $atlasjob list --admin --json");
    CHECK(mine.json()["total"] == 1);
    CHECK(on("$atlasjob --principal somebody status 1 --json").json()["status"] == "queued");
}

TEST_CASE_METHOD(Machine, "An outage of the directory makes no ledger, and config works in it") {
    if (!possible()) return;
    directory("exit 1");
    CHECK(on("$atlasjob submit -- true").exit_status == 7);
    CHECK_FALSE(std::filesystem::exists(ledger()));
    const Ran config = on("$atlasjob config --json");
    CHECK(config.exit_status == 0);
    CHECK(config.json()["settings"]["principal"]["value"].is_null());
    CHECK_THAT(config.err, Contains("cannot look up your account name"));
}

TEST_CASE_METHOD(Machine, "A server that asks for a principal needs no directory") {
    if (!possible()) return;
    directory("exit 1");
    const Ran ran = on(
        R"(echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}" | $atlasjob mcp --require-principal)");
    CHECK(ran.exit_status == 0);
    CHECK(times_asked() == 0);
}

TEST_CASE_METHOD(
    Machine, "An accounts file that cannot be read is an outage, a missing one is not") {
    if (!possible()) return;
    if (exec({"strace", "-qq", "-o", "/dev/null", "true"}).exit_status != 0) {
        WARN("skipped: strace is not there or may not trace");
        return;
    }
    environment()["ASAN_OPTIONS"] = "detect_leaks=0";
    directory(kNamed);
    const auto with = [&](const std::string& error) {
        return on(
            "strace -f -qq -o /dev/null -P /etc/passwd -e inject=openat:error=" + error
            + " $atlasjob create --json");
    };
    for (const std::string error : {"EIO", "EMFILE", "EACCES"}) {
        const Ran ran = with(error);
        CHECK(ran.exit_status == 7);
        CHECK_THAT(ran.err, Contains("cannot look up your account name: /etc/passwd: "));
    }
    CHECK(times_asked() == 0);
    CHECK(with("ENOENT").json()["owner"] == "somebody");
}
