#include "process/placement.h"

#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace atlasjob {

namespace {

const Unit kSession{Unit::Manager::system, "session-3.scope"};
const Unit kService{Unit::Manager::system, "web.service"};
const Unit kTerminal{Unit::Manager::user, "terminal.scope"};
const Unit kOwnScope{Unit::Manager::user, "atlasjob-1.scope"};

/// An account with a user manager on a machine with systemd.
PlacementFacts facts_in(const Unit& unit) {
    PlacementFacts facts;
    facts.account = "alice";
    facts.has_systemd = true;
    facts.has_user_manager = true;
    facts.unit = unit;
    return facts;
}

/// The files of a machine below a temporary directory.
class Machine {
  public:
    Machine() {
        write("/run/systemd/system/exists", "");
        write("/usr/bin/systemd-run", "");
    }
    void write(const std::string& path, const std::string& text) const {
        const std::filesystem::path file = root() + path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
    }
    std::string root() const { return directory_.path().string(); }

  private:
    test::TempDir directory_;
};

}  // namespace

TEST_CASE("without systemd, a background process stays where its caller is") {
    PlacementFacts facts;
    facts.is_root = true;
    facts.has_user_manager = true;
    CHECK(choose_placement(facts) == Placement{false, Lifetime::machine});
}

TEST_CASE("root's background processes are in a scope of the system manager") {
    PlacementFacts facts = facts_in(kSession);
    facts.is_root = true;
    facts.has_user_manager = false;
    facts.kills_sessions = true;
    CHECK(choose_placement(facts) == Placement{true, Lifetime::machine});
}

TEST_CASE("an account that lingers gets a scope that lives until shutdown") {
    for (const Unit& unit : {kSession, kService, kTerminal}) {
        PlacementFacts facts = facts_in(unit);
        facts.lingers = true;
        facts.kills_sessions = true;
        CHECK(choose_placement(facts) == Placement{true, Lifetime::machine});
        facts.has_user_manager = false;
        CHECK_FALSE(choose_placement(facts).own_scope);
    }
}

TEST_CASE("a session whose processes outlive it is kept if the account does not linger") {
    CHECK(choose_placement(facts_in(kSession)) == Placement{false, Lifetime::machine});
}

TEST_CASE("a scope that ends at the last logout is used if nothing lives longer") {
    PlacementFacts facts = facts_in(kSession);
    facts.kills_sessions = true;
    CHECK(choose_placement(facts) == Placement{true, Lifetime::logout});
    facts.has_user_manager = false;
    CHECK(choose_placement(facts) == Placement{false, Lifetime::logout});
    CHECK(choose_placement(facts_in(kTerminal)) == Placement{true, Lifetime::logout});
}

TEST_CASE("a service of an account without linger keeps what it starts, until it is stopped") {
    CHECK(choose_placement(facts_in(kService)) == Placement{false, Lifetime::unit});
    PlacementFacts facts = facts_in(kService);
    facts.has_user_manager = false;
    CHECK(choose_placement(facts) == Placement{false, Lifetime::unit});
}

TEST_CASE("a process in a scope of atlasjob starts others in the same scope") {
    PlacementFacts facts = facts_in(kOwnScope);
    CHECK(choose_placement(facts) == Placement{false, Lifetime::logout});
    facts.lingers = true;
    CHECK(choose_placement(facts) == Placement{false, Lifetime::machine});
}

TEST_CASE("units of the package live as long as their manager") {
    const PlacementFacts facts = facts_in({});
    CHECK(
        lifetime_in({Unit::Manager::system, "atlasjob-worker@alice.service"}, facts)
        == Lifetime::machine);
    CHECK(lifetime_in({Unit::Manager::user, "atlasjob-worker.service"}, facts) == Lifetime::logout);
    CHECK(lifetime_in({Unit::Manager::user, "editor.service"}, facts) == Lifetime::unit);
    CHECK(lifetime_in({}, facts) == Lifetime::machine);
}

TEST_CASE("the facts about this process are read from the files of the machine") {
    const Machine machine;
    PlacementFacts facts = placement_facts(machine.root());
    CHECK(facts.has_systemd);
    CHECK(facts.is_root == (geteuid() == 0));
    CHECK_FALSE(facts.has_user_manager);
    CHECK_FALSE(facts.lingers);

    machine.write("/var/lib/systemd/linger/" + facts.account, "");
    machine.write(fmt::format("/run/user/{}/systemd/private", geteuid()), "");
    facts = placement_facts(machine.root());
    CHECK(facts.has_user_manager);
    CHECK(facts.lingers);

    std::filesystem::remove(machine.root() + "/usr/bin/systemd-run");
    CHECK_FALSE(placement_facts(machine.root()).has_systemd);
}

TEST_CASE("whether a logout kills processes is read from the configuration of logind") {
    const Machine machine;
    const auto kills = [&] { return placement_facts(machine.root()).kills_sessions; };
    const std::string account = placement_facts(machine.root()).account;
    CHECK_FALSE(kills());
    machine.write("/etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n");
    CHECK_FALSE(kills());
    machine.write("/usr/lib/systemd/logind.conf.d/50.conf", "KillExcludeUsers=nobody other\n");
    machine.write("/etc/systemd/logind.conf", "[Login]\n KillUserProcesses = yes\n");
    CHECK(kills());

    SECTION("files of the directories replace those of the same name and override logind.conf") {
        machine.write("/usr/lib/systemd/logind.conf.d/60.conf", "KillUserProcesses=no\n");
        CHECK_FALSE(kills());
        machine.write("/etc/systemd/logind.conf.d/60.conf", "\n");
        CHECK(kills());
    }
    SECTION("accounts can be excluded") {
        machine.write("/etc/systemd/logind.conf.d/99.conf", "KillExcludeUsers=x " + account);
        CHECK_FALSE(kills());
    }
    SECTION("or be the only ones") {
        machine.write("/etc/systemd/logind.conf.d/99.conf", "KillOnlyUsers=other");
        CHECK_FALSE(kills());
        machine.write("/etc/systemd/logind.conf.d/99.conf", "KillOnlyUsers=other " + account);
        CHECK(kills());
    }
}

TEST_CASE("root is excluded from killing at logout by default") {
    const Machine machine;
    machine.write("/etc/systemd/logind.conf", "KillUserProcesses=yes");
    const PlacementFacts facts = placement_facts(machine.root());
    CHECK(facts.kills_sessions == (facts.account != "root"));
}

TEST_CASE("what starts jobs after a reboot is found in the enabled units and in the cron file") {
    const Machine machine;
    PlacementFacts facts = facts_in(kSession);
    const auto start = [&] { return boot_start(facts, "/home/alice", machine.root()); };
    CHECK(start() == BootStart::none);

    SECTION("a user unit needs linger") {
        const std::string unit = GENERATE(
            "/home/alice/.config/systemd/user/timers.target.wants/atlasjob-gc.timer",
            "/etc/systemd/user/default.target.wants/atlasjob-worker.service");
        machine.write(unit, "");
        CHECK(start() == BootStart::needs_login);
        facts.lingers = true;
        CHECK(start() == BootStart::enabled);
    }
    SECTION("a system unit is of one account") {
        const std::string unit = GENERATE(
            "timers.target.wants/atlasjob-gc@{}.timer",
            "multi-user.target.wants/atlasjob-worker@{}.service");
        machine.write("/etc/systemd/system/" + fmt::format(fmt::runtime(unit), "bob"), "");
        CHECK(start() == BootStart::none);
        machine.write("/etc/systemd/system/" + fmt::format(fmt::runtime(unit), "alice"), "");
        CHECK(start() == BootStart::enabled);
    }
    SECTION("a line of the cron file is of one account") {
        machine.write("/etc/cron.d/atlasjob", "# alice\n*/10 * * * *  bob  atlasjob gc -q\n");
        CHECK(start() == BootStart::none);
        machine.write("/etc/cron.d/atlasjob", "*/10 * * * *  alice  atlasjob gc -q\n");
        CHECK(start() == BootStart::enabled);
    }
}

}  // namespace atlasjob
