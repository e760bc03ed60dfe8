#include "cli/config_file.h"

#include "base/error.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::cli;
using atlasjob::test::TempDir;
using Catch::Matchers::Contains;

namespace {

void write_config(const TempDir& home, const std::string& content) {
    const std::string path = config_path(home.path());
    std::filesystem::create_directories(std::filesystem::path{path}.parent_path());
    std::ofstream{path} << content;
}

}  // namespace

TEST_CASE("Without a config file nothing is configured") {
    const TempDir home;
    CHECK_FALSE(read_config(home.path()).ledger);
}

TEST_CASE("The config file names a ledger") {
    const TempDir home;
    write_config(home, "# where my jobs are\nledger = \"/srv/jobs and more/l.db\"  # here\n");
    CHECK(read_config(home.path()).ledger == "/srv/jobs and more/l.db");
    write_config(home, "ledger = '/srv/l.db'\n");
    CHECK(read_config(home.path()).ledger == "/srv/l.db");
}

TEST_CASE("A tilde stands for the home it was read from") {
    const TempDir home;
    write_config(home, "ledger = \"~/jobs.db\"\n");
    CHECK(read_config(home.path()).ledger == home / "jobs.db");
}

TEST_CASE("The config file sets workers and the slots of queues") {
    const TempDir home;
    write_config(
        home,
        "on-demand-worker = false\n[worker]\nslots = 4\n[queue.gpu]\nslots = 1\n"
        "[queue.\"a.b\"]\nslots = 2\n[queue.eu/west]\nslots = 3\n");
    const ConfigFile config = read_config(home.path());
    CHECK(config.on_demand_worker == false);
    CHECK(config.worker_slots == 4);
    CHECK(config.queue_slots == std::map<std::string, int>{{"gpu", 1}, {"a.b", 2}, {"eu/west", 3}});
    write_config(home, "on-demand-worker = true\nledger = \"/srv/l.db\"\n");
    CHECK(read_config(home.path()).on_demand_worker == true);
    CHECK_FALSE(read_config(home.path()).worker_slots);
}

TEST_CASE("A config file that is not understood is named, and so is what is wrong in it") {
    const TempDir home;
    const auto refuses = [&](const char* content, const char* why) {
        write_config(home, content);
        CHECK_THROWS_WITH(
            read_config(home.path()), Contains(config_path(home.path())) && Contains(why));
    };
    refuses("legder = \"/x\"\n", "legder");
    refuses("[section]\nledger = \"/x\"\n", "section");
    refuses("ledger = \"relative.db\"\n", "relative.db");
    refuses("ledger = \"\"\n", "empty");
    refuses("ledger = [\"/a\", \"/b\"]\n", "one text");
    refuses("ledger = \"/a#b\"\n", "#");
    refuses("on-demand-worker = maybe\n", "true or false");
    refuses("[worker]\nslots = 0\n", "worker.slots");
    refuses("[worker]\nslots = many\n", "worker.slots");
    refuses("[worker]\nslot = 1\n", "worker.slot");
    refuses("[queue]\nslots = 1\n", "queue.slots");
    refuses("[queue.gpu]\nslots = -1\n", "queue.gpu.slots");
    refuses("[queue.\"two words\"]\nslots = 1\n", "two words");
}

TEST_CASE("A config file that cannot be read is not taken for an absent one") {
    const TempDir home;
    std::filesystem::create_directories(config_path(home.path()));
    try {
        static_cast<void>(read_config(home.path()));
        FAIL("read");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
    }
}
