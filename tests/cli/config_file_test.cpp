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
