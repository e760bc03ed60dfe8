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

/// A machine whose /etc/passwd lacks the caller's account and whose directory service (getent) is
/// scripted. No principal is configured.
class Machine : public Sandbox {
  public:
    Machine() {
        environment().erase("ATLASJOB_PRINCIPAL");
        environment()["PATH"] = dir() / "bin" + ":" + environment()["PATH"];
        std::filesystem::create_directory(dir() / "bin");
        std::ofstream{dir() / "passwd"} << "nobody:x:65534:65534::/:/bin/false\n";
        set_directory("exit 2");
    }

    /// Sets the shell script that runs as getent; $2 is the uid.
    void set_directory(const std::string& script) const {
        const std::string getent = dir() / "bin/getent";
        std::ofstream{getent} << "#!/bin/sh\necho lookup >>\"$HOME/lookups\"\n" << script << "\n";
        REQUIRE(chmod(getent.c_str(), 0755) == 0);
    }

    /// Whether such a machine can be set up: it takes root and a mount namespace.
    bool possible() const {
        if (geteuid() == 0 && run_script("true").exit_status == 0) return true;
        WARN("skipped: cannot mount over /etc/passwd");
        return false;
    }

    /// Runs a shell script on that machine.
    Ran run_script(const std::string& script) const {
        return shell(
            "export atlasjob; exec unshare -m sh -c 'mount --make-rprivate / && mount --bind "
            "\"$HOME/passwd\" /etc/passwd || exit 99\n"
            + script + "'");
    }

    int lookups() const {
        const std::string calls = read_file(dir() / "lookups").value_or("");
        return static_cast<int>(std::ranges::count(calls, '\n'));
    }
};

constexpr const char* kSomebody = "echo somebody:x:$2:0::/:/bin/sh";

}  // namespace

TEST_CASE_METHOD(Machine, "an account without a name acts under its uid") {
    if (!possible()) return;
    CHECK(run_script("$atlasjob create --json").json()["owner"] == "0");
    CHECK(run_script("$atlasjob list --json").json()["total"] == 1);
}

TEST_CASE_METHOD(Machine, "each program that needs the account's name looks it up once") {
    if (!possible()) return;
    set_directory(kSomebody);
    const Ran ran = run_script("$atlasjob submit --json --label a=b -- true");
    REQUIRE(ran.exit_status == 0);
    CHECK(ran.json()["owner"] == "somebody");
    CHECK(lookups() == 1);
    // A worker passes the name on to its slots.
    REQUIRE(
        run_script("$atlasjob submit -- true && $atlasjob worker --slots 2 --drain").exit_status
        == 0);
    CHECK(lookups() == 3);
    CHECK(run_script("$atlasjob --principal somebody status 1 --json").json()["status"] == "done");
    CHECK(lookups() == 3);
}

TEST_CASE_METHOD(Machine, "a failing directory service is an error, not another principal") {
    if (!possible()) return;
    set_directory(kSomebody);
    REQUIRE(run_script("$atlasjob create").exit_status == 0);
    set_directory(GENERATE(as<std::string>{}, "exit 1", "exit 3", "echo nonsense", "exit 0"));
    for (const std::string command :
         {"list", "status 1", "submit -- true", "create", "run -- true", "cancel 1", "gc", "wait 1",
          "logs 1", "worker --drain", "mcp </dev/null", "submit --batch - </dev/null"}) {
        INFO(command);
        const Ran ran = run_script("$atlasjob " + command);
        CHECK(ran.exit_status == (command.starts_with("run") ? 125 : 7));
        CHECK(ran.out.empty());
        CHECK_THAT(
            ran.err, Contains("cannot look up your account name: getent")
                         && Contains("give --principal NAME or set ATLASJOB_PRINCIPAL"));
    }
    const Ran mine = run_script("ATLASJOB_PRINCIPAL=somebody $atlasjob list --admin --json");
    CHECK(mine.json()["total"] == 1);
    CHECK(
        run_script("$atlasjob --principal somebody status 1 --json").json()["status"] == "queued");
}

TEST_CASE_METHOD(Machine, "a failing directory service creates no ledger, and config still works") {
    if (!possible()) return;
    set_directory("exit 1");
    CHECK(run_script("$atlasjob submit -- true").exit_status == 7);
    CHECK_FALSE(std::filesystem::exists(ledger()));
    const Ran config = run_script("$atlasjob config --json");
    CHECK(config.exit_status == 0);
    CHECK(config.json()["settings"]["principal"]["value"].is_null());
    CHECK_THAT(config.err, Contains("cannot look up your account name"));
}

TEST_CASE_METHOD(Machine, "mcp --require-principal looks up no account") {
    if (!possible()) return;
    set_directory("exit 1");
    const Ran ran = run_script(
        R"(echo "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}" | $atlasjob mcp --require-principal)");
    CHECK(ran.exit_status == 0);
    CHECK(lookups() == 0);
}

TEST_CASE_METHOD(Machine, "an unreadable /etc/passwd is an error, a missing one is not") {
    if (!possible()) return;
    if (exec({"strace", "-qq", "-o", "/dev/null", "true"}).exit_status != 0) {
        WARN("skipped: strace is missing or not permitted");
        return;
    }
    environment()["ASAN_OPTIONS"] = "detect_leaks=0";
    set_directory(kSomebody);
    const auto create_with = [&](const std::string& error) {
        return run_script(
            "strace -f -qq -o /dev/null -P /etc/passwd -e inject=openat:error=" + error
            + " $atlasjob create --json");
    };
    for (const std::string error : {"EIO", "EMFILE", "EACCES"}) {
        const Ran ran = create_with(error);
        CHECK(ran.exit_status == 7);
        CHECK_THAT(ran.err, Contains("cannot look up your account name: /etc/passwd: "));
    }
    CHECK(lookups() == 0);
    CHECK(create_with("ENOENT").json()["owner"] == "somebody");
}

TEST_CASE("the principal comes from --principal, the environment or the account, in that order") {
    Sandbox sandbox;
    sandbox.create({"--principal", "carol"});
    CHECK(sandbox.run({"status", "1", "--json", "--admin"}).json()["owner"] == "carol");
    sandbox.create();
    CHECK(sandbox.run({"status", "2", "--json"}).json()["owner"] == "alice");
    sandbox.environment().erase("ATLASJOB_PRINCIPAL");
    sandbox.create();
    const std::string account = sandbox.exec({"id", "-un"}).line();
    CHECK(sandbox.run({"status", "3", "--json"}).json()["owner"] == account);
}

TEST_CASE("another owner's job and an unknown job get the same error") {
    const Sandbox sandbox;
    const std::string job = sandbox.create({"--start"});
    const std::string nobody = "01a20320-a2fb-7a02-b2c2-1d3e4f506071";
    const auto as_bob = [&](std::vector<std::string> args) {
        args.insert(args.end(), {"--principal", "bob"});
        return sandbox.run(args);
    };
    for (const char* command : {"status", "start", "report", "finish", "cancel"}) {
        const Ran foreign = as_bob({command, job});
        Ran missing = as_bob({command, nobody});
        INFO(command);
        CHECK(foreign.exit_status == 4);
        CHECK(missing.exit_status == 4);
        missing.err.replace(missing.err.find(nobody), nobody.size(), job);
        CHECK(foreign.err == missing.err);
        CHECK(as_bob({command, "1"}).exit_status == 4);
    }
    CHECK(sandbox.status(job)["rev"] == 1);
    CHECK(as_bob({"status", "last"}).exit_status == 4);
    CHECK(as_bob({"status", job, "--admin"}).exit_status == 0);
}
