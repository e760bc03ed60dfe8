#include "ledger/address_files.h"
#include "store/open.h"
#include "support/planted.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

using namespace atlasjob;
using namespace atlasjob::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
namespace fs = std::filesystem;

namespace {

std::vector<Finding> findings_of(const std::string& ledger) {
    return check_files(LedgerFiles::address_of(ledger));
}

Finding finding_of(const std::string& ledger, const std::string& subject) {
    const auto findings = findings_of(ledger);
    const auto found = std::ranges::find(findings, subject, &Finding::subject);
    REQUIRE(found != findings.end());
    return *found;
}

}  // namespace

TEST_CASE("a private ledger in a private directory passes every filesystem check") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms::owner_read | fs::perms::owner_write);
    for (const Finding& finding : findings_of(ledger)) {
        INFO(finding.subject << ": " << finding.text);
        CHECK((finding.level == Finding::Level::ok || finding.subject == "disk"));
    }
}

TEST_CASE("a ledger that others can read is a problem, and the fix is a chmod") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms{0644});
    const Finding finding = finding_of(ledger, "file");
    CHECK(finding.level == Finding::Level::problem);
    CHECK(finding.fix == "chmod 0600 " + ledger);
}

TEST_CASE(
    "a ledger directory that others can read is a note, one that others can write a problem") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(dir.path(), fs::perms{0755});
    CHECK(finding_of(ledger, "directory").level == Finding::Level::note);
    for (const unsigned mode : {0777U, 01777U}) {
        fs::permissions(dir.path(), fs::perms{mode});
        const Finding finding = finding_of(ledger, "directory");
        CHECK(finding.level == Finding::Level::problem);
        CHECK(finding.fix == "chmod go-w " + dir.path().string());
    }
}

TEST_CASE("a planted sibling of the ledger is reported by path and never followed") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    fs::permissions(ledger, fs::perms{0600});
    fs::create_directory(dir / "targets");
    for (const char* suffix : kSiblings) {
        for (const Plant plant : plants()) {
            const std::string sibling = ledger + suffix;
            const Planted planted{plant, sibling, dir / "targets", geteuid()};
            INFO(sibling << ": " << name_of(plant));
            const Finding finding = finding_of(ledger, "siblings");
            CHECK(finding.level == Finding::Level::problem);
            CHECK(finding.code == ErrorCode::unavailable);
            CHECK_THAT(finding.text, StartsWith(sibling));
            CHECK_THAT(finding.fix, Contains("remove it"));
            CHECK(planted.untouched());
            fs::remove_all(sibling);
        }
    }
    CHECK(finding_of(ledger, "siblings").level == Finding::Level::ok);
}

TEST_CASE("a ledger owned by another account is a problem that names the uid") {
    const TempDir dir;
    const std::string ledger = dir / "l.db";
    std::ofstream{ledger} << "x";
    CHECK(finding_of(ledger, "owner").level == Finding::Level::ok);
    if (geteuid() != 0) {
        WARN("only root can change the owner of a ledger");
        return;
    }
    REQUIRE(chown(ledger.c_str(), kStranger, kStranger) == 0);
    const Finding finding = finding_of(ledger, "owner");
    CHECK(finding.level == Finding::Level::problem);
    CHECK_THAT(finding.text, Contains("another account (uid 12345)"));
    CHECK_FALSE(finding.fix.empty());
}

TEST_CASE("a write-ahead log that others can read is a problem") {
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
    CHECK(finding.fix == "chmod 0600 " + ledger + "-wal");
}
