#include "cli/surroundings.h"

#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace atlasjob;
using atlasjob::test::TempDir;
namespace fs = std::filesystem;

namespace {

Finding finding_of(const std::string& ledger, const std::string& subject) {
    const auto findings = cli::check_surroundings({ledger, ledger + ".logs"});
    const auto found = std::ranges::find(findings, subject, &Finding::subject);
    REQUIRE(found != findings.end());
    return *found;
}

}  // namespace

TEST_CASE("A private ledger in a private directory has sound surroundings") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms::owner_read | fs::perms::owner_write);
    for (const Finding& finding : cli::check_surroundings({ledger, ledger + ".logs"})) {
        INFO(finding.subject << ": " << finding.text);
        CHECK((finding.level == Finding::Level::ok || finding.subject == "disk"));
    }
}

TEST_CASE("A ledger that others can read is a problem with its mend") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms{0644});
    const Finding finding = finding_of(ledger, "file");
    CHECK(finding.level == Finding::Level::problem);
    CHECK(finding.mend == "chmod 0600 " + ledger);
}

TEST_CASE("A file where the output belongs is a problem") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    std::ofstream{ledger + ".logs"} << "x";
    CHECK(finding_of(ledger, "output").level == Finding::Level::problem);
}

TEST_CASE(
    "A directory that others can only look into is noted, one that they can write a problem") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(dir.path(), fs::perms{0755});
    CHECK(finding_of(ledger, "directory").level == Finding::Level::note);
    fs::permissions(dir.path(), fs::perms{0777});
    CHECK(finding_of(ledger, "directory").level == Finding::Level::problem);
    fs::permissions(dir.path(), fs::perms{01777});
    CHECK(finding_of(ledger, "directory").level == Finding::Level::note);
}

TEST_CASE("A write-ahead log that others can read is a problem") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms{0600});
    std::ofstream{ledger + "-wal"} << "x";
    fs::permissions(ledger + "-wal", fs::perms{0600});
    CHECK(finding_of(ledger, "siblings").level == Finding::Level::ok);
    fs::permissions(ledger + "-wal", fs::perms{0640});
    const Finding finding = finding_of(ledger, "siblings");
    CHECK(finding.level == Finding::Level::problem);
    CHECK(finding.mend == "chmod 0600 " + ledger + "-wal");
}
