#include "support/planted.h"

#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kNobody = 65534;
constexpr std::array kOpened = {"-wal", "-shm", "-journal", ".gate", ".bell"};

/// A ledger in its own directory, which can be given to another account.
struct Case {
    Case() {
        sandbox.environment()["ATLASJOB_LEDGER"] = ledger;
        fs::create_directory(home);
        fs::permissions(home, fs::perms{0700});
        fs::create_directory(targets);
        fs::permissions(sandbox.dir().path(), fs::perms{0755});
    }

    /// Gives the directory and its contents to `user`.
    void give(uid_t user) const {
        for (const auto& entry : fs::recursive_directory_iterator{home})
            REQUIRE(lchown(entry.path().c_str(), user, user) == 0);
        REQUIRE(chown(home.c_str(), user, user) == 0);
    }
    Ran run_as_nobody(std::vector<std::string> args) const {
        std::vector<std::string> argv = {
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", kProgram};
        argv.insert(argv.end(), args.begin(), args.end());
        return sandbox.exec(argv);
    }
    /// Whether this is root, and another account can execute the program, which may be in a private
    /// home directory.
    bool has_two_accounts() const {
        const bool can = geteuid() == 0 && run_as_nobody({"--version"}).exit_status == 0;
        if (!can) WARN("skipped: needs root and a program that another account can execute");
        return can;
    }
    nlohmann::json finding(const std::string& subject) const {
        const nlohmann::json all = sandbox.run({"doctor", "--json"}).json();
        for (const auto& each : all["findings"])
            if (each["subject"] == subject) return each;
        FAIL("no finding " << subject);
        return {};
    }

    Sandbox sandbox;
    std::string home = sandbox.dir() / "home";
    std::string ledger = home + "/ledger.db";
    std::string logs = ledger + ".logs";
    std::string targets = sandbox.dir() / "targets";
};

void check_refused(const Ran& ran, const std::string& path, int exit_status = 7) {
    INFO(ran.err);
    CHECK(ran.exit_status == exit_status);
    CHECK(ran.out.empty());
    CHECK_THAT(ran.err, Contains(path));
}

}  // namespace

TEST_CASE("a file planted before the ledger exists is refused with 7, and no ledger is created") {
    const Case c;
    for (const char* sibling : kOpened) {
        for (const Plant plant : plants()) {
            const std::string beside = c.ledger + sibling;
            const Planted planted{plant, beside, c.targets, geteuid()};
            INFO(name_of(plant));
            check_refused(c.sandbox.run({"submit", "--", "true"}), beside);
            check_refused(c.sandbox.run({"run", "--", "echo", "ran"}), beside, 125);
            CHECK(planted.untouched());
            CHECK_FALSE(fs::exists(c.ledger));
            fs::remove_all(beside);
        }
    }
}

TEST_CASE("root neither writes to nor changes the owner of a file planted by another account") {
    const Case c;
    if (!c.has_two_accounts()) return;
    c.sandbox.create();
    c.give(kNobody);
    for (const char* sibling : kOpened) {
        for (const Plant plant : plants()) {
            const std::string beside = c.ledger + sibling;
            const Planted planted{plant, beside, c.targets, kNobody};
            INFO(name_of(plant));
            check_refused(c.sandbox.run({"submit", "--", "true"}), beside);
            check_refused(c.sandbox.run({"gc"}), beside);
            CHECK(planted.untouched());
            CHECK(c.finding("siblings")["level"] == "problem");
            fs::remove_all(beside);
        }
    }
    // Without it both accounts can write: files that root creates belong to the ledger's owner.
    CHECK(c.sandbox.run({"create"}).exit_status == 0);
    CHECK(c.run_as_nobody({"create", "--principal", "root"}).exit_status == 0);
    CHECK(c.sandbox.run({"list", "--admin", "--json"}).json()["total"] == 3);
}

TEST_CASE("another account refuses a file planted beside root's ledger by a third one") {
    const Case c;
    if (!c.has_two_accounts()) return;
    c.sandbox.create();
    fs::permissions(c.home, fs::perms{01777});
    fs::permissions(c.ledger, fs::perms{0644});
    for (const char* sibling : {"-wal", "-shm", "-journal"}) {
        for (const Plant plant : plants()) {
            const std::string beside = c.ledger + sibling;
            const Planted planted{plant, beside, c.targets, kStranger};
            INFO(name_of(plant));
            check_refused(c.run_as_nobody({"list", "--admin"}), beside);
            CHECK(planted.untouched());
            fs::remove_all(beside);
        }
    }
}

TEST_CASE("output of root's job never follows a link of another account") {
    const Case c;
    if (!c.has_two_accounts()) return;
    c.sandbox.create();
    c.give(kNobody);
    const std::string target = c.sandbox.dir() / "root-only";
    fs::create_directory(target);
    fs::create_directory_symlink(target, c.logs);
    REQUIRE(lchown(c.logs.c_str(), kNobody, kNobody) == 0);
    const Ran ran = c.sandbox.run({"run", "--", "echo", "said"});
    CHECK(ran.exit_status == 0);
    CHECK(ran.out == "said\n");
    CHECK(fs::is_empty(target));
    check_refused(c.sandbox.run({"logs", "last"}), c.logs + " is a symbolic link");
    CHECK(c.sandbox.run({"status", "last"}).exit_status == 0);
    CHECK(c.finding("output")["level"] == "problem");
    // The same for links in place of its subdirectories.
    fs::remove(c.logs);
    fs::create_directory(c.logs);
    for (int i = 0; i < 256; ++i)
        fs::create_directory_symlink(target, fmt::format("{}/{:02x}", c.logs, i));
    c.give(kNobody);
    CHECK(c.sandbox.run({"run", "--", "echo", "said"}).exit_status == 0);
    CHECK(fs::is_empty(target));
    check_refused(c.sandbox.run({"logs", "last"}), "is a symbolic link");
}

TEST_CASE("gc removes no log through a planted link") {
    const Case c;
    const Ran ran = c.sandbox.run({"run", "--", "echo", "said"});
    REQUIRE(ran.exit_status == 0);
    const std::string away = c.sandbox.dir() / "away";
    fs::rename(c.logs, away);
    fs::create_directory_symlink(away, c.logs);
    const auto files = [&] {
        return std::count_if(fs::recursive_directory_iterator{away}, {}, [](const auto& entry) {
            return entry.is_regular_file();
        });
    };
    REQUIRE(files() == 1);
    CHECK(c.sandbox.run({"gc", "--keep-done", "1ms"}).exit_status == 0);
    CHECK(c.sandbox.run({"list", "--json"}).json()["total"] == 0);
    CHECK(files() == 1);
}

TEST_CASE("no ledger is created in a directory that others can write, and doctor reports it") {
    const Case c;
    fs::permissions(c.home, fs::perms{01777});
    for (const std::vector<std::string>& args : std::vector<std::vector<std::string>>{
             {"submit", "--", "true"}, {"create"}, {"import", "/dev/null"}}) {
        const Ran ran = c.sandbox.run(args);
        check_refused(ran, "chmod go-w " + c.home);
        CHECK_THAT(ran.err, Contains("--ledger"));
    }
    CHECK(fs::is_empty(c.home));
    fs::permissions(c.home, fs::perms{0700});
    c.sandbox.create();
    CHECK(c.sandbox.run({"doctor", "-q"}).exit_status == 0);
    fs::permissions(c.home, fs::perms{01777});
    CHECK(c.sandbox.run({"list", "--ids"}).exit_status == 0);
    CHECK(c.finding("directory")["level"] == "problem");
    CHECK(c.sandbox.run({"doctor", "-q"}).exit_status == 1);
}

TEST_CASE("doctor names the owner of another account's ledger") {
    const Case c;
    if (!c.has_two_accounts()) return;
    c.sandbox.create();
    CHECK(c.finding("owner")["level"] == "ok");
    c.give(kNobody);
    CHECK(c.finding("owner")["level"] == "problem");
    CHECK_THAT(c.finding("owner")["text"].get<std::string>(), Contains("uid 65534"));
    CHECK(c.run_as_nobody({"doctor", "-q"}).exit_status == 0);
}
