#include "e2e/cli/sandbox.h"
#include "support/places.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

using namespace atlasjob::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kNobody = 65534;

/// A ledger in its own directory, used by an account to which permissions apply: the tester, or
/// account 65534 if the tester is root.
class SharedLedger {
  public:
    SharedLedger() {
        sandbox_.environment()["ATLASJOB_LEDGER"] = ledger();
        fs::create_directory(folder());
        sandbox_.create({"--name", "here already"});
        fs::permissions(sandbox_.dir().path(), fs::perms{0755});
    }
    SharedLedger(const SharedLedger&) = delete;
    SharedLedger& operator=(const SharedLedger&) = delete;
    ~SharedLedger() { protect(0700, 0600); }

    const Sandbox& sandbox() const { return sandbox_; }
    std::string folder() const { return sandbox_.dir() / "shared"; }
    std::string ledger() const { return folder() + "/ledger.db"; }

    void give_to(uid_t user) const {
        for (const auto& entry : fs::directory_iterator{folder()})
            REQUIRE(chown(entry.path().c_str(), user, user) == 0);
        REQUIRE(chown(folder().c_str(), user, user) == 0);
    }
    void protect(unsigned folder_mode, unsigned file_mode) const {
        for (const auto& entry : fs::directory_iterator{folder()})
            fs::permissions(entry.path(), fs::perms{file_mode});
        fs::permissions(folder(), fs::perms{folder_mode});
    }
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator{folder()})
            names.push_back(entry.path().filename());
        std::ranges::sort(names);
        return names;
    }

    /// Runs atlasjob as that account.
    Ran run(const std::vector<std::string>& args) const {
        std::vector<std::string> argv;
        if (geteuid() == 0) argv = {"/usr/bin/setpriv", "--reuid=65534", "--clear-groups"};
        argv.emplace_back(kProgram);
        argv.insert(argv.end(), args.begin(), args.end());
        return sandbox_.exec(argv);
    }
    /// Whether that account can execute the program, which may be in a private home directory.
    bool can_run() const { return run({"--version"}).exit_status == 0; }

  private:
    Sandbox sandbox_;
};

}  // namespace

TEST_CASE("a read-only ledger can be read, and writers say that it is read-only") {
    const SharedLedger shared;
    if (!shared.can_run()) return;
    if (geteuid() == 0) shared.give_to(kNobody);
    shared.protect(0500, 0400);
    const auto before = shared.names();
    using Args = std::vector<std::string>;
    for (const Args& args :
         {Args{"create"},
          {"submit", "--", "true"},
          {"start", "1"},
          {"report", "1"},
          {"cancel", "1"},
          {"pause"},
          {"gc"},
          {"worker", "--drain"}}) {
        const Ran ran = shared.run(args);
        INFO(args[0] << ": " << ran.err);
        CHECK(ran.exit_status == 7);
        CHECK(ran.out.empty());
        CHECK_THAT(ran.err, Contains(shared.ledger()) && Contains("read-only"));
        CHECK_THAT(ran.err, Contains("; check the permissions"));
    }
    for (const char* const word : {"list", "status", "stats", "events", "export"}) {
        const Ran ran = shared.run({word, "--admin"});
        INFO(word << ": " << ran.err);
        CHECK(ran.exit_status == 0);
        CHECK_FALSE(ran.out.empty());
    }
    CHECK_THAT(shared.run({"list", "--admin"}).out, Contains("here already"));
    CHECK_THAT(shared.run({"migrate"}).out, Contains("nothing to do"));
    const Ran doctor = shared.run({"doctor"});
    CHECK(doctor.exit_status == 7);
    CHECK_THAT(doctor.out, Contains("no damage found"));
    CHECK(shared.names() == before);

    shared.protect(0700, 0600);
    CHECK(shared.run({"list", "--admin", "--format", "{name}"}).out == "here already\n");
}

TEST_CASE("a read-only ledger can be read while another account keeps it open") {
    const SharedLedger shared;
    if (geteuid() != 0 || !shared.can_run()) return;  // Needs two accounts.
    Running worker = shared.sandbox().start({"worker", "--slots", "1"});
    const std::string job = shared.sandbox().submit("true");
    REQUIRE(shared.sandbox().run({"wait", job}).exit_status == 0);
    shared.protect(0755, 0644);
    const auto before = shared.names();
    CHECK(
        shared.run({"list", "--admin", "--format", "{seq} {status}"}).out == "2 done\n1 queued\n");
    CHECK_THAT(shared.run({"status", "1", "--admin"}).out, Contains("here already"));
    CHECK(shared.run({"stats", "--admin", "--json"}).json()["total"] == 2);
    CHECK(shared.run({"create"}).exit_status == 7);
    CHECK(shared.names() == before);
    worker.signal(SIGTERM);
    CHECK(worker.wait().exit_status == 0);
}
