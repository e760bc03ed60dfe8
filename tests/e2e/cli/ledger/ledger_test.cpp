#include "e2e/cli/sandbox.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}

void write_file(const std::string& path, const std::string& content) {
    fs::create_directories(fs::path{path}.parent_path());
    std::ofstream{path} << content;
}

std::string content_of(const std::string& path) {
    return atlasjob::read_file(path).value_or("(unreadable)");
}

}  // namespace

TEST_CASE("only run, submit, create and import create a ledger, other commands exit with 7") {
    const std::string id = "01a2031f-fc00-7000-8000-000000000001";
    const std::vector<std::vector<std::string>> commands = {
        {"status"},
        {"status", "1"},
        {"status", "last"},
        {"status", "--watch"},
        {"list"},
        {"list", "--json"},
        {"wait", "1"},
        {"logs", "-f", "1"},
        {"events", "-f"},
        {"stats"},
        {"cancel", "1"},
        {"retry", "1"},
        {"edit", "1", "--priority", "1"},
        {"rm", "1"},
        {"pause"},
        {"pause", "gpu"},
        {"resume"},
        {"start", "1"},
        {"report", "1"},
        {"finish", "1"},
        {"send", "1", "text"},
        {"worker"},
        {"worker", "--drain"},
        {"worker", "--on-demand"},
        {"slot"},
        {"on-end", id, "done"},
        {"gc"},
        {"gc", "-q"},
        {"gc", "--dry-run"},
        {"doctor"},
        {"migrate"},
        {"migrate", "--dry-run"},
        {"export"},
        {"backup", "/nowhere/at/all"}};
    for (const auto& args : commands) {
        const Sandbox sandbox;
        const Ran ran = sandbox.run(args);
        INFO(args[0] << ": " << ran.err);
        CHECK(ran.exit_status == 7);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, Contains("there is no ledger at " + sandbox.ledger()));
        CHECK(sandbox.untouched());
    }
}

TEST_CASE("the default ledger is under HOME and private to its owner") {
    Sandbox sandbox;
    sandbox.environment().erase("ATLASJOB_LEDGER");
    sandbox.environment()["XDG_STATE_HOME"] = sandbox.dir() / "elsewhere";
    sandbox.create();
    const std::string ledger = sandbox.dir() / ".local/state/atlasjob/ledger.db";
    CHECK(mode_of(ledger) == 0600);
    CHECK(mode_of(fs::path{ledger}.parent_path()) == 0700);
    CHECK_FALSE(fs::exists(sandbox.dir() / "elsewhere"));
}

TEST_CASE("the ledger path comes from --ledger, the environment or the config file, in order") {
    Sandbox sandbox;
    const auto created = [&](const std::string& name) { return fs::exists(sandbox.dir() / name); };
    write_file(
        sandbox.dir() / ".config/atlasjob/config.toml",
        "ledger = \"" + (sandbox.dir() / "file.db") + "\"\n");
    sandbox.environment()["ATLASJOB_LEDGER"] = sandbox.dir() / "environment.db";
    sandbox.create({"--ledger", sandbox.dir() / "flag.db"});
    CHECK(created("flag.db"));
    CHECK_FALSE(created("environment.db"));
    sandbox.create();
    CHECK(created("environment.db"));
    CHECK_FALSE(created("file.db"));
    sandbox.environment()["ATLASJOB_LEDGER"] = "";
    sandbox.create();
    CHECK(created("file.db"));
    CHECK_FALSE(created(".local"));
}

TEST_CASE("an invalid config file exits with 2 and is named") {
    Sandbox sandbox;
    sandbox.environment().erase("ATLASJOB_LEDGER");
    const std::string config = sandbox.dir() / ".config/atlasjob/config.toml";
    write_file(config, "legder = \"/x\"\n");
    const Ran ran = sandbox.run({"create"});
    CHECK(ran.exit_status == 2);
    CHECK_THAT(ran.err, Contains(config) && Contains("legder"));
}

TEST_CASE("without HOME and --ledger no command guesses a path") {
    Sandbox sandbox;
    sandbox.environment().erase("ATLASJOB_LEDGER");
    sandbox.environment().erase("HOME");
    for (const char* command : {"status", "create", "gc", "mcp"}) {
        const Ran ran = sandbox.run({command});
        INFO(command);
        CHECK(ran.exit_status == 7);
        CHECK_THAT(ran.err, Contains("HOME") && Contains("--ledger"));
    }
    CHECK(sandbox.run({"run", "--", "true"}).exit_status == 125);
    CHECK(sandbox.run({"create", "--ledger", sandbox.ledger()}).exit_status == 0);
}

TEST_CASE("a relative path in the environment does not make a ledger in the working directory") {
    Sandbox sandbox;
    sandbox.environment().erase("ATLASJOB_LEDGER");
    const std::string before = sandbox.environment()["HOME"];
    for (const char* const name : {"HOME", "ATLASJOB_LEDGER"}) {
        sandbox.environment()[name] = "relative/dir";
        for (const char* const command : {"status", "create", "gc", "mcp"}) {
            const Ran ran = sandbox.exec(
                {"sh", "-c",
                 "cd \"$0\" && exec " + sandbox.shell("printf %s \"$atlasjob\"").out + " "
                     + command,
                 before});
            INFO(name << " " << command << ": " << ran.err);
            CHECK(ran.exit_status == 7);
            CHECK_THAT(
                ran.err,
                Contains(std::string{name} + " is not an absolute path") && Contains("--ledger"));
        }
        CHECK(sandbox.untouched());
        CHECK(sandbox.run({"create", "--ledger", sandbox.dir() / "l.db"}).exit_status == 0);
        std::filesystem::remove(sandbox.dir() / "l.db");
        for (const auto& entry : std::filesystem::directory_iterator{before})
            std::filesystem::remove_all(entry);
        sandbox.environment()["HOME"] = before;
    }
    sandbox.environment()["ATLASJOB_LEDGER"] = "sqlite:relative.db";
    CHECK(sandbox.run({"create"}).exit_status == 7);
    sandbox.environment()["ATLASJOB_LEDGER"] = "sqlite:" + sandbox.ledger();
    CHECK(sandbox.run({"create"}).exit_status == 0);
}

TEST_CASE("a directory in place of the ledger is reported and left alone") {
    const Sandbox sandbox;
    fs::create_directory(sandbox.ledger());
    for (const char* command : {"status", "create", "gc", "doctor"}) {
        const Ran ran = sandbox.run({command});
        INFO(command << ": " << ran.err);
        CHECK(ran.exit_status == 8);
        CHECK_THAT(ran.err, Contains(sandbox.ledger()) && Contains("directory"));
    }
    CHECK(fs::is_empty(sandbox.ledger()));
}

TEST_CASE("a path that begins with file: is refused rather than opened as a URI") {
    const Sandbox sandbox;
    for (const char* command : {"status", "create"}) {
        const Ran ran =
            sandbox.run({command, "--ledger", "file:" + sandbox.ledger() + "?nolock=1"});
        INFO(ran.err);
        CHECK(ran.exit_status == 2);
        CHECK_THAT(ran.err, Contains("file:"));
    }
    CHECK(sandbox.untouched());
}

TEST_CASE("a SQLite file of another application is not touched") {
    const Sandbox sandbox;
    REQUIRE(
        sandbox.exec({"sqlite3", sandbox.ledger(), "create table t(x); insert into t values(7)"})
            .exit_status
        == 0);
    const std::string before = content_of(sandbox.ledger());
    for (const char* command : {"status", "create", "gc", "list"}) {
        const Ran ran = sandbox.run({command});
        INFO(command << ": " << ran.err);
        CHECK(ran.exit_status == 8);
        CHECK(ran.out.empty());
    }
    CHECK(sandbox.run({"doctor"}).exit_status == 8);
    CHECK(content_of(sandbox.ledger()) == before);
}

TEST_CASE("a file that is not a database is not touched") {
    const Sandbox sandbox;
    const std::string text(5000, 'x');
    write_file(sandbox.ledger(), text);
    for (const char* command : {"status", "create", "gc"}) {
        CHECK(sandbox.run({command}).exit_status == 8);
    }
    CHECK(sandbox.run({"run", "--", "true"}).exit_status == 125);
    CHECK(content_of(sandbox.ledger()) == text);
}

TEST_CASE("a damaged ledger exits with 8") {
    const Sandbox sandbox;
    sandbox.create();
    {
        std::fstream file{sandbox.ledger(), std::ios::in | std::ios::out | std::ios::binary};
        file.write("garbage garbage ", 16);
    }
    const Ran ran = sandbox.run({"status", "1"});
    CHECK(ran.exit_status == 8);
    CHECK_THAT(ran.err, StartsWith("atlasjob: "));
}

TEST_CASE("a ledger that cannot be created exits with 7, and with 125 from run") {
    const Sandbox sandbox;
    const std::string impossible = "/proc/atlasjob-test/ledger.db";
    CHECK(sandbox.run({"create", "--ledger", impossible}).exit_status == 7);
    CHECK(sandbox.run({"status", "--ledger", impossible}).exit_status == 7);
    const Ran ran = sandbox.run({"run", "--ledger", impossible, "--", "echo", "ran"});
    CHECK(ran.exit_status == 125);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Contains("/proc/atlasjob-test"));
}

TEST_CASE("a ledger in a read-only directory can be listed but not changed") {
    if (geteuid() == 0) return;  // Root ignores permissions.
    const Sandbox sandbox;
    const std::string job = sandbox.create();
    fs::permissions(sandbox.dir().path(), fs::perms{0500});
    const Ran created = sandbox.run({"create"});
    fs::permissions(sandbox.dir().path(), fs::perms{0700});
    CHECK(created.exit_status == 7);
    CHECK(sandbox.run({"list", "--ids"}).line() == job);
}

TEST_CASE("a full disk exits with 7 and keeps acknowledged jobs") {
    const Sandbox sandbox;
    const std::string job = sandbox.create();
    const std::string big(100'000, 'x');
    // A file size limit stands in for a full disk.
    const Ran full = sandbox.shell("ulimit -f 1; exec $atlasjob create --target " + big);
    INFO(full.err);
    CHECK(full.exit_status == 7);
    CHECK(full.out.empty());
    CHECK(sandbox.run({"list", "--ids"}).line() == job);
    CHECK(sandbox.run({"doctor", "-q"}).exit_status == 0);
}

TEST_CASE("processes that create the ledger concurrently all succeed") {
    const Sandbox sandbox;
    constexpr int kProcesses = 6;
    std::vector<Running> creators;
    creators.reserve(kProcesses);
    for (int i = 0; i < kProcesses; ++i)
        creators.push_back(sandbox.start({"create", "--kind", "sync"}));
    std::set<std::string> ids;
    for (Running& creator : creators) {
        const Ran ran = creator.wait();
        INFO(ran.err);
        CHECK(ran.exit_status == 0);
        ids.insert(ran.line());
    }
    CHECK(ids.size() == kProcesses);
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == kProcesses);
}

TEST_CASE("a failed write to stdout exits with 7, a closed pipe with 0") {
    const Sandbox sandbox;
    sandbox.create();
    const Ran full = sandbox.shell("$atlasjob list >/dev/full");
    CHECK(full.exit_status == 7);
    CHECK_THAT(full.err, Contains("standard output"));
    const Ran closed = sandbox.shell("{ $atlasjob list; echo $? >&2; } | true");
    CHECK(closed.err == "0\n");
}

TEST_CASE("closed standard descriptors never corrupt the ledger") {
    const Sandbox sandbox;
    // It fails only because it cannot print the job_id.
    CHECK(sandbox.shell("$atlasjob create <&- >&- 2>&-").exit_status == 7);
    CHECK(sandbox.run({"doctor", "-q"}).exit_status == 0);
    CHECK(sandbox.run({"list", "--json"}).json()["total"] == 1);
}
